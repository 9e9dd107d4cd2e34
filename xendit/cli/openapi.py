"""`xendit openapi`: the OpenAPI document that is derived from the declarations."""

from __future__ import annotations

from pathlib import Path

from xendit.cli.ending import OK
from xendit.cli.extra import click
from xendit.cli.frame import ExampleCommand
from xendit.cli.output import Output


@click.command(
    cls=ExampleCommand,
    examples=["xendit openapi > openapi.json", "xendit openapi openapi.json", "xendit openapi --control"],
)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--control", is_flag=True, help="That of the sandbox's control plane instead.")
def openapi(file: Path | None, control: bool) -> int:  # noqa: FBT001
    """Print the OpenAPI 3.1 document of the API, as this SDK knows it."""
    import json

    output = Output()
    if control:
        from xendit.cli.sandbox.run import PORT
        from xendit.sandbox.documents import control_document

        found = control_document(f"http://127.0.0.1:{PORT}")
    else:
        from xendit.openapi import document

        found = document()
    if file is None:
        output.json(found)
        return OK
    from xendit.whole_files import whole_file

    with whole_file(file) as target:
        target.write(json.dumps(found, indent=2).encode("ascii") + b"\n")
    output.done(f"{len(found['paths'])} paths are described in {file}")
    return OK
