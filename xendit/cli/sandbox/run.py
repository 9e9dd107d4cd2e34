"""`up`, `run` and `demo`: start a sandbox in this process, and say where it is."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

from xendit.cli.control import dashboard_of
from xendit.cli.ending import OK, USAGE, CommandFailure, stopped_by
from xendit.cli.extra import click
from xendit.cli.frame import json_option, zone_option
from xendit.cli.output import Output
from xendit.cli.running import kept_by
from xendit.cli.sandbox.group import sandbox
from xendit.cli.sandbox.state import assumed_of
from xendit.sandbox.products import titles

if TYPE_CHECKING:
    from xendit.sandbox.local import Sandbox
    from xendit.sandbox.state.core.jsontext import JsonObject

PORT = 8420
"""Where a sandbox listens unless it is taken or another one was asked for."""


def server_options(function: Any) -> Any:
    """Add what says how a sandbox is run."""
    options = [
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            help=f"Where to listen; 0 is a free port. Without it {PORT}, or a free one where that is taken.",
        ),
        click.option(
            "--db",
            type=click.Path(),
            help="The file to keep everything in, or a directory for it; else one in your state directory for each directory "
            "of yours.",
        ),
        click.option("--name", metavar="NAME", help="Keep everything under this name, whatever the directory."),
        click.option("--ephemeral", is_flag=True, help="Keep everything in memory."),
        click.option("--reset", is_flag=True, help="Begin with nothing."),
        click.option(
            "--seed",
            type=click.Path(exists=True, dir_okay=False),
            help="Take over what stands in a .toml or .json file.",
        ),
        click.option("--currency", metavar="CODE", help="The currency of the account that it stands for, such as PHP."),
        click.option(
            "--assume",
            multiple=True,
            metavar="NAME=VALUE",
            help="Another choice where little is known of the real API, by its name in docs/Fidelity.md. Kept.",
        ),
        click.option("--speed", type=float, default=1.0, metavar="N", help="Seconds of its clock in one of yours."),
        click.option("--listen", default="127.0.0.1", metavar="ADDRESS", help="Where to listen, for a container."),
        click.option("--exposed", is_flag=True, help="Yes, others may reach --listen, and do all that you can."),
        click.option(
            "--allow-host",
            multiple=True,
            metavar="NAME[:PORT]",
            help="A name that it is called by, beside localhost: at any port, or at that one.",
        ),
        click.option("--allow-webhook-host", multiple=True, metavar="NAME", help="Where webhooks may go, beside here."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def start(output: Output, *, port: int | None, webhook_url: str | None, db: str | None, **options: Any) -> Sandbox:
    """Start a sandbox as the options say, and take over its seed. Raises CommandFailure."""
    from xendit.sandbox.state import Assumptions
    from xendit.sandbox.state.assumptions import read_choices
    from xendit.sandbox.storage import default_path, former_path

    ephemeral, reset, seed = (options[name] for name in ("ephemeral", "reset", "seed"))
    try:
        choices = read_choices(options["assume"], options["currency"])
        kept = default_path(options["name"])
    except ValueError as problem:
        raise CommandFailure(str(problem), USAGE) from None
    settings: dict[str, object] = {
        "webhook_url": webhook_url,
        "speed": options["speed"],
        "listen": options["listen"],
        "exposed": options["exposed"],
        "allowed_hosts": options["allow_host"],
        "webhook_hosts": options["allow_webhook_host"],
        "assumptions": Assumptions() if reset else None,  # else those that the file has kept
        "assume": choices,
    }
    given = [name for name, value in (("--db", db), ("--name", options["name"]), ("--ephemeral", ephemeral)) if value]
    if len(given) > 1:
        raise click.UsageError(f"give {' or '.join(given)}, not both")
    if not given or options["name"]:
        if not kept.exists() and not options["name"] and former_path().exists():
            output.say(f"each directory has its own sandbox now; that of before is in {former_path()} (--db opens it)")
        try:
            made = _started(port, db=kept, **settings)
        except OSError as problem:
            if "another sandbox has it open" not in str(problem):
                raise CommandFailure(str(problem)) from None
            output.say(f"another sandbox keeps its records in {kept}: this one keeps them in memory")
            made = _started(port, db=None, **settings)
    else:
        made = _started(port, db=db, **settings)
    try:
        if reset:
            made.reset()
        if seed:
            made.load(seed)
    except BaseException as problem:
        made.close()
        if isinstance(problem, (OSError, ValueError)):
            raise CommandFailure(str(problem), USAGE) from None
        raise
    return made


def _started(port: int | None, **settings: Any) -> Sandbox:
    from xendit.sandbox.local import Sandbox

    try:
        if port is not None:
            return _open(Sandbox(port=port, **settings))
        try:
            return _open(Sandbox(port=PORT, **settings))
        except OSError as problem:
            if problem.errno is None:  # the file, not the port
                raise
            return _open(Sandbox(port=0, **settings))
    except ValueError as problem:
        raise CommandFailure(str(problem).replace("exposed=True", "--exposed"), USAGE) from None
    except OSError as problem:
        if problem.errno is None:
            raise
        raise CommandFailure(f"port {port} cannot be listened at: {problem.strerror}") from None


def _open(made: Sandbox) -> Sandbox:
    try:
        return made.start()
    except BaseException:
        made.close()
        raise


@sandbox.command(
    examples=[
        "xendit sandbox up",
        "xendit sandbox up --port 4010 --webhook-url http://localhost:8000/webhooks/xendit",
        "xendit sandbox up --ephemeral --seed orders.json",
        "xendit sandbox up --currency PHP --assume settlement_delay=86400",
    ]
)
@click.option("--webhook-url", metavar="URL", help="Where webhooks go; http://, on this machine.")
@server_options
@zone_option
@json_option
def up(webhook_url: str | None, as_json: bool, **options: Any) -> int:  # noqa: FBT001
    """Run the sandbox until Ctrl-C, and show what happens in it.

    In a pipe the first line is a JSON object that says where it is.
    """
    from xendit.cli.events import Teller
    from xendit.cli.running import announced

    output = Output(as_json=as_json)
    with closing(start(output, webhook_url=webhook_url, **options)) as server, announced(server):
        facts = {
            "url": server.url,
            "api_key": server.api_key,
            "webhook_token": server.callback_token,
            "webhook_url": server.webhook_url,
            "kept_in": None if server.db is None else str(server.db),
            "assumptions": server.assumptions.switched(),
        }
        try:
            if output.for_people:
                _welcome(output, facts, exposed=options["exposed"])
            else:
                output.line(facts)
            Teller(server.url, output.say, output).follow()
        except KeyboardInterrupt as interrupt:
            output.say(f"the sandbox has ended{kept_by(server)}", fresh=True)
            return stopped_by(interrupt)
    return OK


def _welcome(output: Output, facts: JsonObject, *, exposed: bool) -> None:
    reach = "OPEN to everyone who reaches this machine" if exposed else "on this machine only"
    output.text(f"A SANDBOX of Xendit's {titles()}, {reach}. Ctrl-C ends it.\n")
    output.record(
        [
            ("dashboard", dashboard_of(facts["url"])),
            ("webhooks go to", facts["webhook_url"] or "nowhere yet (--webhook-url)"),
            ("kept in", facts["kept_in"] or "memory: gone when it ends"),
            *assumed_of(facts["assumptions"]),
        ]
    )
    output.text("\nFor your application:\n")
    output.text(f"  export XENDIT_BASE_URL={facts['url']}")
    output.text(f"  export XENDIT_API_KEY={facts['api_key']}")
    output.text(f"  export XENDIT_WEBHOOK_TOKEN={facts['webhook_token']}\n")


@sandbox.command(
    context_settings={"allow_interspersed_args": False},  # what follows the command is its own
    examples=[
        "xendit sandbox run --webhook /webhooks/xendit -- python manage.py runserver",
        "xendit sandbox run --webhook /webhooks/xendit -- flask --app shop run --port 5001",
        "xendit sandbox run --ephemeral -- pytest",
    ],
)
@click.option(
    "--webhook",
    metavar="PATH|URL",
    help="Where your application takes webhooks: a path such as /webhooks/xendit, or a whole URL.",
)
@click.option(
    "--app-port",
    type=click.IntRange(1, 65535),
    help="Where your application listens; without it, what it says at its start is read.",
)
@click.option("--open", "open_dashboard", is_flag=True, help="Open the dashboard in a browser.")
@server_options
@zone_option
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    command: tuple[str, ...],
    webhook: str | None,
    app_port: int | None,
    open_dashboard: bool,  # noqa: FBT001
    **options: Any,
) -> int:
    """Run your application beside a sandbox, in one terminal.

    The application finds XENDIT_API_KEY, XENDIT_BASE_URL and XENDIT_WEBHOOK_TOKEN in its environment, so that no
    line of it changes. Its log and the sandbox's are shown together, each line with its source. The sandbox ends
    when the application does, and the exit code is the application's.
    """
    from xendit.cli.running import announced
    from xendit.cli.supervisor import ChildProcess, webhook_url_of

    output = Output()
    url = webhook_url_of(webhook, app_port)
    with closing(start(output, webhook_url=url, **options)) as server, announced(server):
        application = ChildProcess(command, server, None if url else webhook, output)
        return application.run(open_dashboard=open_dashboard)


@sandbox.command(examples=["xendit sandbox demo"])
def demo() -> int:
    """Show the SDK at work: create, list, pay, webhook, expire, an error."""
    from xendit.sandbox.parts import run_demo

    return run_demo()
