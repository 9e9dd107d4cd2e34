"""`fault`: arm faults, show them, take them back."""

from __future__ import annotations

from xendit.cli.control import control
from xendit.cli.ending import OK
from xendit.cli.extra import click
from xendit.cli.flags import CodeType
from xendit.cli.frame import Group, json_option, sandbox_option
from xendit.cli.output import Output
from xendit.cli.sandbox.group import sandbox
from xendit.sandbox.faults import REQUEST_KINDS, WEBHOOK_KINDS


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
@click.argument("kind", type=CodeType([*REQUEST_KINDS, *WEBHOOK_KINDS]))
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
def add_fault(kind: str, base_url: str | None, as_json: bool, **fields: object) -> int:  # noqa: FBT001
    """Arm a fault. `xendit sandbox fault list` shows the kinds that there are."""
    given = {name: value for name, value in fields.items() if value is not None}
    armed = control(base_url).post("/faults", {"kind": kind, **given})
    shown = [("id", armed["id"]), ("kind", armed["kind"]), ("strikes", _strikes(armed))]
    Output(as_json=as_json).record(shown, armed)
    return OK


def _strikes(armed: dict[str, object]) -> str:
    often = "until it is removed" if armed["times"] is None else f"{armed['times']} times"
    return f"{often}, on {'everything' if armed['match'] == '*' else armed['match']}".replace("1 times", "once")


@fault.command("list", examples=["xendit sandbox fault list"])
@sandbox_option
@json_option
def list_faults(base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Show the armed faults, and the kinds that there are."""
    output = Output(as_json=as_json)
    found = control(base_url).get("/faults")
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
    control(base_url).delete("/faults" if every else f"/faults/{fault_id}")
    Output().done("all faults are taken back" if every else f"{fault_id} is taken back")
    return OK
