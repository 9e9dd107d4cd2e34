"""What the command line has for reports beyond what is derived from their operations: waiting for one and downloading it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from xendit.cli.connection import api_client, target
from xendit.cli.ending import API, OK, USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import DurationType
from xendit.cli.frame import ExampleCommand, connection_options, json_option
from xendit.cli.output import Output
from xendit.cli.product_commands import Extras
from xendit.exceptions import ApiValueError

if TYPE_CHECKING:
    from datetime import timedelta


@click.command(
    "download",
    cls=ExampleCommand,
    examples=[
        "xendit reports download report_5c1b34a2-6ceb-4c24-aba9-c836bac82b28 january.csv",
        "xendit reports download report_5c1b34a2-6ceb-4c24-aba9-c836bac82b28 january.csv --wait 10m",
    ],
)
@click.argument("report_id")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--wait", type=DurationType(), metavar="DURATION", help="How long to wait until it is written.")
@click.option("--for-user-id", metavar="ID", help="Business id of the sub-account (xenPlatform).")
@connection_options
@json_option
def download(
    report_id: str,
    file: Path,
    wait: timedelta | None,
    for_user_id: str | None,
    base_url: str | None,
    to_sandbox: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Download a report to a FILE, which is there whole afterwards or as it was before.

    Its link can be used for 24 hours; the key does not go to where it leads.
    """
    from xendit.transaction_report.report_api import ReportApi

    output = Output(as_json=as_json)
    api = ReportApi(api_client(target(base_url, to_sandbox=to_sandbox)))
    if wait is not None:
        report = api.wait_until_final(report_id, wait.total_seconds(), for_user_id=for_user_id)
    else:
        report = api.get_report(report_id, for_user_id=for_user_id)
    try:
        done = api.download_report(report, file, for_user_id=for_user_id)
    except ApiValueError as problem:
        hint = "give --wait 10m to wait for it" if str(report.status) == "PENDING" else None
        raise CommandFailure(str(problem), API, hint=hint) from None
    except OSError as problem:
        raise CommandFailure(f"the file cannot be written: {problem.strerror or problem}", USAGE) from None
    if output.for_people:
        output.done(f"{done.size:,} bytes are in {done.path}")
    else:
        output.json({"path": str(done.path), "size": done.size, "sha256": done.sha256})
    return OK


EXTRAS = Extras(
    "Have reports of transactions written, and download them.",
    homes={"download": (__name__, "download", "Download a report to a file.")},
    examples={
        "": [
            "xendit reports create --data @report.json",
            "xendit reports download report_5c1b34a2-6ceb-4c24-aba9-c836bac82b28 january.csv --wait 10m",
        ],
    },
)
"""What `xendit.cli.product_commands` takes from here."""
