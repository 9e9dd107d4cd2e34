"""`xendit webhooks send`: webhooks that are made up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from xendit.cli.ending import USAGE, CommandFailure
from xendit.cli.extra import click
from xendit.cli.flags import AmountType, JsonType, WordType, json_number
from xendit.cli.frame import json_option
from xendit.cli.output import Output
from xendit.cli.webhooks.group import webhooks
from xendit.cli.webhooks.posting import REMOTE, TIMES, TO, checked_receiver, post, show_answers, token_of
from xendit.typed_amount import check_typed_amount

if TYPE_CHECKING:
    from decimal import Decimal


@webhooks.command(
    examples=[
        "xendit webhooks send paid --to http://localhost:8000/webhooks/xendit --external-id order-1 --amount 150000",
        "xendit webhooks send paid --to http://localhost:8000/webhooks/xendit --method EWALLET --channel OVO",
        "xendit webhooks send test --to http://localhost:8000/webhooks/xendit",
    ]
)
@click.argument("kind", type=WordType(["paid", "expired", "test"]))
@TO
@click.option("--external-id", default="order-1", show_default=True, help="Your own id of the order.")
@click.option("--amount", type=AmountType(), metavar="AMOUNT", default="150000", show_default=True, help="Its amount.")
@click.option("--currency", metavar="CODE", default="IDR", show_default=True, help="Its currency.")
@click.option("--method", metavar="CODE", help="How it was paid; else by bank transfer, where the currency has it.")
@click.option("--channel", metavar="CODE", help="The channel, such as BCA; else the first of the method.")
@click.option("--data", type=JsonType(), metavar="JSON|@FILE|-", help="Fields to add or to replace.")
@TIMES
@REMOTE
@json_option
def send(
    kind: str,
    url: str,
    external_id: str,
    amount: Decimal,
    currency: str,
    method: str | None,
    channel: str | None,
    data: object,
    times: int,
    allow_remote: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> int:
    """Send a webhook that is made up, to see what your endpoint does: no invoice needs to exist.

    `test` is what the dashboard's "Test and save" sends.
    """
    from xendit.testing.webhooks import DASHBOARD_TEST, expired, paid

    if data is not None and not isinstance(data, dict):
        raise click.UsageError("--data must be a JSON object")
    url = checked_receiver(url, allow_remote=allow_remote)
    check_typed_amount(amount, currency)
    order = {"external_id": external_id, "amount": json_number(amount), "currency": currency, **(data or {})}
    try:
        if kind == "test":
            body = {**DASHBOARD_TEST, **(data or {})}
        else:
            body = paid(method, channel, **order) if kind == "paid" else expired(**order)
    except ValueError as problem:
        raise CommandFailure(str(problem), USAGE) from None
    raw, token = json.dumps(body).encode(), token_of()
    return show_answers(Output(as_json=as_json), url, body, [post(url, raw, token) for _ in range(times)])
