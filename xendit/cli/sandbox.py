"""`xendit sandbox`: run a local Xendit, alone or beside an application, and pull its strings from another terminal."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.cli.ending import OK, USAGE, Failure, stopped_by
from xendit.cli.extra import click
from xendit.cli.frame import Group, json_option, sandbox_option
from xendit.cli.output import Output, moment, money

if TYPE_CHECKING:
    from collections.abc import Callable

    from xendit.cli.control import ControlPlane
    from xendit.sandbox.local import Sandbox

PORT = 8420
"""Where a sandbox listens unless it is taken or another one was asked for."""
_PATIENCE = 2.0
"""Seconds to wait for the webhook of what was done, to say what became of it."""


def dashboard_of(url: str) -> str:
    """Where the dashboard of a sandbox is."""
    return f"{url}/_sandbox/"


def control_of(base_url: str | None) -> ControlPlane:
    """The sandbox that a command means."""
    from xendit.cli.control import control

    return control(base_url)


@click.group(
    cls=Group,
    examples=[
        "xendit sandbox run --webhook /webhooks/xendit -- python manage.py runserver",
        "xendit sandbox up --webhook-url http://localhost:8000/webhooks/xendit",
        "xendit sandbox pay last",
        "xendit sandbox clock advance 25h",
        "xendit sandbox fault add commit_then_reset --times 1",
    ],
)
def sandbox() -> None:
    """A local Xendit: run it, pay, expire, move its clock, break it.

    `up` and `run` start one; the other commands act on the one that runs, or on the one at XENDIT_BASE_URL.
    An INVOICE is named by its id, by its external id, or by `last` for the newest.
    """


# ------------------------------------------------------------------------------------------ running one


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
            type=click.Path(dir_okay=False),
            help="The file to keep everything in; else one in your state directory for each directory of yours.",
        ),
        click.option("--name", metavar="NAME", help="Keep everything under this name, whatever the directory."),
        click.option("--ephemeral", is_flag=True, help="Keep everything in memory."),
        click.option("--reset", is_flag=True, help="Begin with nothing."),
        click.option(
            "--seed",
            type=click.Path(exists=True, dir_okay=False),
            help="Take over invoices from a .toml or .json file.",
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
    """Start a sandbox as the options say, and take over its seed. Raises Failure."""
    from xendit.sandbox.state import Assumptions
    from xendit.sandbox.state.assumptions import read_choices
    from xendit.sandbox.storage import default_path, former_path

    ephemeral, reset, seed = (options[name] for name in ("ephemeral", "reset", "seed"))
    try:
        choices = read_choices(options["assume"], options["currency"])
        kept = default_path(options["name"])
    except ValueError as problem:
        raise Failure(str(problem), USAGE) from None
    settings: dict[str, Any] = {
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
            output.say(
                f"each directory has its own invoices now; those of before are in {former_path()} (--db opens it)"
            )
        try:
            made = _started(port, db=kept, **settings)
        except OSError as problem:
            if "another sandbox has it open" not in str(problem):
                raise Failure(str(problem)) from None
            output.say(f"another sandbox keeps its invoices in {kept}: this one keeps them in memory")
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
            raise Failure(str(problem), USAGE) from None
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
        raise Failure(str(problem).replace("exposed=True", "--exposed"), USAGE) from None
    except OSError as problem:
        if problem.errno is None:
            raise
        raise Failure(f"port {port} cannot be listened at: {problem.strerror}") from None


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
        "xendit sandbox up --ephemeral --seed invoices.json",
        "xendit sandbox up --currency PHP --assume settlement_delay=86400",
    ]
)
@click.option("--webhook-url", metavar="URL", help="Where webhooks go; http://, on this machine.")
@server_options
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
            output.say(f"the sandbox has ended{_kept(server)}", fresh=True)
            return stopped_by(interrupt)
    return OK


def _kept(server: Sandbox) -> str:
    return "; its invoices were in memory and are gone" if server.db is None else f"; its invoices are in {server.db}"


def _welcome(output: Output, facts: dict[str, Any], *, exposed: bool) -> None:
    reach = "OPEN to everyone who reaches this machine" if exposed else "on this machine only"
    output.text(f"A SANDBOX of Xendit's Invoice API, {reach}. Ctrl-C ends it.\n")
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


def assumed_of(switched: dict[str, Any]) -> list[tuple[str, str]]:
    """What is shown of the choices that differ from our own: a row of a record, or none."""
    texts = [
        f"{name}={','.join(value) if isinstance(value, list) else str(value).lower() if value in (True, False) else value}"
        for name, value in switched.items()
    ]
    return [("assumes", ", ".join(texts))] if texts else []


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
    from xendit.cli.supervisor import Application, webhook_url_of

    output = Output()
    url = webhook_url_of(webhook, app_port)
    with closing(start(output, webhook_url=url, **options)) as server, announced(server):
        application = Application(command, server, None if url else webhook, output)
        return application.run(open_dashboard=open_dashboard)


@sandbox.command(examples=["xendit sandbox demo"])
def demo() -> int:
    """Show the SDK at work: create, list, pay, webhook, expire, an error."""
    from xendit.sandbox.demo import main

    code: int = main()
    return code


# ------------------------------------------------------------------------------------------ invoices


def facts_of(invoice: dict[str, Any]) -> list[tuple[str, Any]]:
    """What is shown of an invoice."""
    facts = [
        ("id", invoice["id"]),
        ("external id", invoice["external_id"]),
        ("status", invoice["status"]),
        ("amount", money(invoice["amount"], invoice.get("currency"))),
    ]
    if "paid_amount" in invoice:
        facts.append(("paid", f"{money(invoice['paid_amount'], invoice['currency'])} by {invoice['payment_channel']}"))
    return facts


def _act(base_url: str | None, named: str, path: str, body: dict[str, Any], *, as_json: bool, told: bool) -> int:
    """Do something to an invoice, show it, and say what became of its webhook."""
    output, plane = Output(as_json=as_json), control_of(base_url)
    invoice_id = plane.invoice_id(named)
    known = len(plane.get("/deliveries", invoice_id=invoice_id))
    given = {name: value for name, value in body.items() if value is not None}
    invoice = plane.post(f"/invoices/{invoice_id}/{path}", given)
    output.record(facts_of(invoice), invoice)
    if told:
        tell_deliveries(output, plane, invoice_id, known)
    return OK


def tell_deliveries(output: Output, plane: ControlPlane, invoice_id: str, known: int, *, expected: int = 1) -> None:
    """Say what became of the webhooks of an invoice beyond the first `known`; wait a moment for one."""
    from xendit.cli.events import told_delivery

    if plane.get("/status")["webhook_url"] is None:
        output.say("no webhook was sent: the sandbox has no webhook URL (--webhook-url)")
        return
    deadline = time.monotonic() + _PATIENCE
    while True:
        made = plane.get("/deliveries", invoice_id=invoice_id)[known:]
        if len(made) >= expected or time.monotonic() > deadline:
            break
        time.sleep(0.03)
    for each in made:
        output.say(told_delivery(each, output))
    if not made:
        output.say("the webhook is still under way: `xendit sandbox events` shows how it ends")


@sandbox.command(
    examples=[
        "xendit sandbox pay order-1",
        "xendit sandbox pay last --channel BCA",
        "xendit sandbox pay order-2 --late",
    ]
)
@click.argument("invoice")
@click.option("--channel", metavar="CODE", help="How it is paid, such as BCA, OVO or QRIS; else the first it offers.")
@click.option("--amount", type=float, help="What is paid, where that is not the invoice's amount.")
@click.option("--late", is_flag=True, help="Also when it has expired, as a payer does who wins the race.")
@sandbox_option
@json_option
def pay(
    invoice: str,
    channel: str | None,
    amount: float | None,
    late: bool,  # noqa: FBT001
    base_url: str | None,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Pay an invoice, as its payer would, and say what became of the webhook."""
    body = {"channel": channel, "amount": amount, "late": late}
    return _act(base_url, invoice, "pay", body, as_json=as_json, told=True)


@sandbox.command(examples=["xendit sandbox fail order-1 --reason 'not enough balance'"])
@click.argument("invoice")
@click.option("--channel", metavar="CODE", help="How the payer tried.")
@click.option("--reason", help="What the time line says.")
@sandbox_option
@json_option
def fail(
    invoice: str,
    channel: str | None,
    reason: str | None,
    base_url: str | None,
    as_json: bool,  # noqa: FBT001
) -> int:
    """Let a payer try in vain: the invoice stays PENDING, and no webhook tells of it."""
    return _act(base_url, invoice, "fail", {"channel": channel, "reason": reason}, as_json=as_json, told=False)


@sandbox.command(examples=["xendit sandbox settle order-1"])
@click.argument("invoice")
@sandbox_option
@json_option
def settle(invoice: str, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Settle a paid invoice. No webhook tells of it."""
    return _act(base_url, invoice, "settle", {}, as_json=as_json, told=False)


@sandbox.command(examples=["xendit sandbox expire order-1"])
@click.argument("invoice")
@sandbox_option
@json_option
def expire(invoice: str, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Expire an invoice, and say what became of the webhook."""
    return _act(base_url, invoice, "expire", {}, as_json=as_json, told=True)


# ------------------------------------------------------------------------------------------ time


def show_clock(output: Output, clock: dict[str, Any]) -> None:
    """Show how the clock stands."""
    runs = "stands" if clock["frozen"] else f"runs {clock['speed']:g} times as fast as yours"
    if not clock["frozen"] and clock["speed"] == 1:
        runs = "runs"
    output.record([("now", moment(clock["now"])), ("clock", runs)], clock)


@sandbox.group(
    cls=Group,
    invoke_without_command=True,
    examples=["xendit sandbox clock", "xendit sandbox clock advance 25h", "xendit sandbox clock freeze"],
)
@sandbox_option
@json_option
@click.pass_context
def clock(context: click.Context, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Show or move the sandbox's clock: expiries and webhook retries happen when it says so."""
    if context.invoked_subcommand is None:
        show_clock(Output(as_json=as_json), control_of(base_url).get("/clock"))
    return OK


def _clock_command(
    name: str, path: str, body: Callable[..., dict[str, Any]], help: str, *, takes: click.Parameter | None
) -> None:
    """Declare a command that moves the clock."""

    def move(base_url: str | None, as_json: bool, **given: Any) -> int:  # noqa: FBT001
        show_clock(Output(as_json=as_json), control_of(base_url).post(path, body(**given)))
        return OK

    command = sandbox_option(json_option(move))
    made = clock.command(name, help=help)(command)
    if takes is not None:
        made.params.insert(0, takes)


_clock_command(
    "freeze",
    "/clock/freeze",
    lambda at: {"at": at} if at else {},
    "Stop the clock, at once or at a moment such as 2026-01-31T09:00:00Z.",
    takes=click.Argument(["at"], required=False),
)
_clock_command("resume", "/clock/resume", dict, "Let the clock run on from where it stands.", takes=None)
_clock_command(
    "set",
    "/clock/set",
    lambda now: {"now": now},
    "Set the clock to a moment such as 2026-01-31T09:00:00Z.",
    takes=click.Argument(["now"]),
)
_clock_command(
    "speed",
    "/clock/speed",
    lambda factor: {"factor": factor},
    "Make the clock run so many times as fast as yours.",
    takes=click.Argument(["factor"], type=float),
)


@clock.command(examples=["xendit sandbox clock advance 25h", "xendit sandbox clock advance 1d12h --json"])
@click.argument("by", metavar="DURATION")
@sandbox_option
@json_option
def advance(by: str, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Let time pass, such as 90s, 25h or 1d12h: what falls due happens in its order, before this ends."""
    from xendit.cli.events import DELIVERY_COLUMNS, delivery_row

    output = Output(as_json=as_json)
    answer = control_of(base_url).post("/clock/advance", {"by": by})
    if not output.for_people:
        output.json(answer)
        return OK
    show_clock(output, answer)
    if answer["deliveries"]:
        output.text("")
    output.table(DELIVERY_COLUMNS, map(delivery_row, answer["deliveries"]), "no webhook fell due")
    return OK


# ------------------------------------------------------------------------------------------ faults


@sandbox.group(
    cls=Group,
    examples=["xendit sandbox fault add commit_then_reset --match create --times 1", "xendit sandbox fault list"],
)
def fault() -> None:
    """Break things on purpose: answers that are lost, late or wrong, webhooks that are dropped or doubled."""


@fault.command(
    "add",
    examples=[
        "xendit sandbox fault add commit_then_reset --match create --times 1",
        "xendit sandbox fault add latency --seconds 3",
        "xendit sandbox fault add webhook_fail --status 500 --times 2",
    ],
)
@click.argument("kind")
@click.option(
    "--match", help="The operation that meets it (create, get, list, expire), or for webhooks PAID or EXPIRED."
)
@click.option("--external-id", help="Only what is about this external id.")
@click.option("--times", type=int, help="How often it strikes; without it until it is removed.")
@click.option("--after", type=int, help="How many pass before it begins.")
@click.option("--probability", type=float, help="How likely it strikes, 0 to 1.")
@click.option("--seed", type=int, help="What the dice begin with.")
@click.option("--seconds", type=float, help="How long it takes, where that matters.")
@click.option("--status", type=int, help="The HTTP status, where that matters.")
@click.option("--error-code", help="The error code, where that matters.")
@click.option("--message", help="The message, where that matters.")
@click.option("--limit", type=int, help="limiter: requests a minute.")
@sandbox_option
@json_option
def add_fault(kind: str, base_url: str | None, as_json: bool, **fields: Any) -> int:  # noqa: FBT001
    """Arm a fault. `xendit sandbox fault list` shows the kinds that there are."""
    given = {name: value for name, value in fields.items() if value is not None}
    armed = control_of(base_url).post("/faults", {"kind": kind, **given})
    shown = [("id", armed["id"]), ("kind", armed["kind"]), ("strikes", _strikes(armed))]
    Output(as_json=as_json).record(shown, armed)
    return OK


def _strikes(armed: dict[str, Any]) -> str:
    often = "until it is removed" if armed["times"] is None else f"{armed['times']} times"
    return f"{often}, on {'everything' if armed['match'] == '*' else armed['match']}".replace("1 times", "once")


@fault.command("list", examples=["xendit sandbox fault list"])
@sandbox_option
@json_option
def list_faults(base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Show the armed faults, and the kinds that there are."""
    output = Output(as_json=as_json)
    found = control_of(base_url).get("/faults")
    if not output.for_people:
        output.json(found)
        return OK
    rows = [
        (each["id"], each["kind"], each["match"], f"{each['struck']} of {each['times'] or '∞'}")
        for each in found["faults"]
    ]
    output.table(["id", "kind", "on", ">struck"], rows, "no fault is armed")
    output.text("")
    output.record(
        [("for requests", ", ".join(found["request_kinds"])), ("for webhooks", ", ".join(found["webhook_kinds"]))]
    )
    return OK


@fault.command("remove", examples=["xendit sandbox fault remove fault-1", "xendit sandbox fault remove --all"])
@click.argument("fault_id", required=False)
@click.option("--all", "every", is_flag=True, help="All of them.")
@sandbox_option
def remove_fault(fault_id: str | None, every: bool, base_url: str | None) -> int:  # noqa: FBT001
    """Take a fault back, or all of them."""
    if bool(fault_id) == every:
        raise click.UsageError("name a fault, or give --all")
    control_of(base_url).delete("/faults" if every else f"/faults/{fault_id}")
    Output().done("all faults are taken back" if every else f"{fault_id} is taken back")
    return OK


# ------------------------------------------------------------------------------------------ everything


@sandbox.command(examples=["xendit sandbox status"])
@sandbox_option
@json_option
def status(base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Say how the sandbox stands."""
    found = control_of(base_url).get("/status")
    counts = ", ".join(f"{count} {name}" for name, count in found["invoices"].items() if count) or "none"
    Output(as_json=as_json).record(
        [
            ("sandbox", found["url"]),
            ("webhooks go to", found["webhook_url"] or "nowhere"),
            *assumed_of(found["assumptions"]),
            ("clock", moment(found["clock"]["now"]) + (", stands" if found["clock"]["frozen"] else "")),
            ("invoices", counts),
            ("deliveries", found["deliveries"]),
            ("armed faults", found["faults"]),
        ],
        found,
    )
    return OK


@sandbox.command(examples=["xendit sandbox reset --yes"])
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@sandbox_option
def reset(yes: bool, base_url: str | None) -> int:  # noqa: FBT001
    """Forget invoices, deliveries, faults and counts; the clock is as it was at first."""
    output, plane = Output(), control_of(base_url)
    if not yes and sys.stdin.isatty() and not click.confirm(f"Forget everything in {plane.url}?", err=True):
        output.say("nothing was forgotten")
        return OK
    plane.post("/reset")
    output.done(f"{plane.url} has forgotten everything")
    return OK


@sandbox.command("export", examples=["xendit sandbox export > state.json", "xendit sandbox export state.json"])
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@sandbox_option
def export_state(file: Path | None, base_url: str | None) -> int:
    """Write everything as JSON, for `import` or `--seed`."""
    import json

    state = control_of(base_url).get("/export")
    output = Output()
    if file is None or str(file) == "-":
        output.json(state)
        return OK
    from xendit.cli.files import whole_file

    with whole_file(file) as target:
        target.write(json.dumps(state, indent=2).encode("ascii"))
    output.done(f"{len(state['records'])} invoices are in {file}")
    return OK


def _take_over(file: Path, base_url: str | None) -> int:
    from xendit.sandbox.seeds import read_file

    try:
        seed = read_file(file)
    except ValueError as problem:
        raise Failure(str(problem), USAGE) from None
    taken = control_of(base_url).post("/import", _as_json(seed))
    Output().done(f"{taken['invoices']} invoices of {file} are in the sandbox; nobody was told of them")
    return OK


def _as_json(seed: Any) -> Any:
    """A seed of a TOML file as JSON values: its times as texts."""
    if isinstance(seed, dict):
        return {name: _as_json(value) for name, value in seed.items()}
    if isinstance(seed, list):
        return [_as_json(each) for each in seed]
    return seed.isoformat() if hasattr(seed, "isoformat") else seed


_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@sandbox.command("import", examples=["xendit sandbox import state.json"])
@_FILE
@sandbox_option
def import_state(file: Path, base_url: str | None) -> int:
    """Take over what `export` wrote."""
    return _take_over(file, base_url)


@sandbox.command(examples=["xendit sandbox seed invoices.toml"])
@_FILE
@sandbox_option
def seed(file: Path, base_url: str | None) -> int:
    """Plant the invoices of a .toml or .json file that you wrote (docs/Sandbox.md)."""
    return _take_over(file, base_url)


@sandbox.command(examples=["xendit sandbox events", "xendit sandbox events --count 1 | jq .status"])
@click.option("--count", type=click.IntRange(min=1), help="End after so many.")
@sandbox_option
@json_option
def events(count: int | None, base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Show what happens, as it happens: invoices and webhooks. In a pipe one JSON object a line."""
    from xendit.cli.events import Teller

    output, plane = Output(as_json=as_json), control_of(base_url)
    output.say(f"following {plane.url}; Ctrl-C ends this")
    teller = Teller(plane.url, output.text if output.for_people else None, output)
    teller.follow(count)
    return OK


@sandbox.command("open", examples=["xendit sandbox open", "xendit sandbox open last"])
@click.argument("invoice", required=False)
@click.option("--print", "only_print", is_flag=True, help="Print the address instead of opening it.")
@sandbox_option
def open_page(invoice: str | None, only_print: bool, base_url: str | None) -> int:  # noqa: FBT001
    """Open the dashboard in a browser, or the payment page of an invoice."""
    plane = control_of(base_url)
    address = dashboard_of(plane.url)
    if invoice is not None:
        address = plane.get(f"/invoices/{plane.invoice_id(invoice)}")["invoice"]["invoice_url"]
    return open_address(address, only_print=only_print)


def open_address(address: str, *, only_print: bool) -> int:
    """Open an address in a browser, or print it where there is none."""
    output = Output()
    if only_print or click.launch(address) != 0:
        print(address)
        return OK
    output.say(f"opened {address}")
    return OK
