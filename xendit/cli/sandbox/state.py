"""`status`, `reset`, `export`, `import` and `seed`: the whole of what a sandbox holds."""

from __future__ import annotations

import sys
from datetime import date, time
from pathlib import Path

from xendit.cli.control import control
from xendit.cli.ending import OK, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.frame import json_option, sandbox_option, zone_option
from xendit.cli.output import Output, counted
from xendit.cli.sandbox.group import sandbox
from xendit.sandbox.products import product_rules


def assumed_of(switched: dict[str, object]) -> list[tuple[str, str]]:
    """What is shown of the choices that differ from our own: a row of a record, or none."""
    texts = [
        f"{name}={','.join(value) if isinstance(value, list) else str(value).lower() if value in (True, False) else value}"
        for name, value in switched.items()
    ]
    return [("assumes", ", ".join(texts))] if texts else []


@sandbox.command(examples=["xendit sandbox status"])
@sandbox_option
@zone_option
@json_option
def status(base_url: str | None, as_json: bool) -> int:  # noqa: FBT001
    """Say how the sandbox stands."""
    found = control(base_url).get("/status")
    kinds = [f"{rules.kind}s" for rules in product_rules()]
    output = Output(as_json=as_json)
    output.record(
        [
            ("sandbox", found["url"]),
            ("webhooks go to", found["webhook_url"] or "nowhere"),
            *assumed_of(found["assumptions"]),
            ("clock", output.moment(found["clock"]["now"]) + (", stands" if found["clock"]["frozen"] else "")),
            *((kind, _counted(found[kind])) for kind in kinds),
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
    output, plane = Output(), control(base_url)
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

    state = control(base_url).get("/export")
    output = Output()
    if file is None or str(file) == "-":
        output.json(state)
        return OK
    from xendit.whole_files import whole_file

    with whole_file(file) as target:
        target.write(json.dumps(state, indent=2).encode("ascii"))
    output.done(f"{counted(len(state['records']), 'record is', 'records are')} in {file}")
    return OK


def _counted(counts: dict[str, int]) -> str:
    """How many records there are, by status."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def _take_over(file: Path, base_url: str | None) -> int:
    from xendit.sandbox.seeds import read_file

    try:
        seed = read_file(file)
    except ValueError as problem:
        raise CommandFailure(str(problem), USAGE) from None
    taken = control(base_url).post("/import", _as_json(seed))
    count = sum(taken.values())
    told = f"{counted(count, 'record', 'records')} of {file} {'is' if count == 1 else 'are'} in the sandbox"
    Output().done(f"{told}; nobody was told of {'it' if count == 1 else 'them'}")
    return OK


def _as_json(seed: object) -> object:
    """A seed of a TOML file as JSON values: its times as texts."""
    if isinstance(seed, dict):
        return {name: _as_json(value) for name, value in seed.items()}
    if isinstance(seed, list):
        return [_as_json(each) for each in seed]
    return seed.isoformat() if isinstance(seed, (date, time)) else seed


_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@sandbox.command("import", examples=["xendit sandbox import state.json"])
@_FILE
@sandbox_option
def import_state(file: Path, base_url: str | None) -> int:
    """Take over what `export` wrote."""
    return _take_over(file, base_url)


@sandbox.command(examples=["xendit sandbox seed orders.toml"])
@_FILE
@sandbox_option
def seed(file: Path, base_url: str | None) -> int:
    """Plant what stands in a .toml or .json file that you wrote (docs/Sandbox.md)."""
    return _take_over(file, base_url)
