"""Reports: asked for, waited for, told by webhook, and downloaded to a file that is whole or absent."""

from __future__ import annotations

import asyncio
import csv
import gzip
import hashlib
import io
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from recorder import KEY, Answer

import xendit
from xendit.apis import AsyncReportApi, InvoiceApi, RefundApi, ReportApi
from xendit.models import CreateReport, TransactionReport
from xendit.sandbox import Assumptions, Sandbox
from xendit.webhook import ReportEvent
from xendit.webhook.event import read_event

CSV = b"Transaction ID,Amount\r\ntxn_1,10000\r\n"
REPORT = {
    "id": "report_5c1b34a2-6ceb-4c24-aba9-c836bac82b28",
    "type": "TRANSACTIONS",
    "status": "COMPLETED",
    "filter": {"from": "2026-01-01T00:00:00.000Z", "to": "2026-01-31T00:00:00.000Z"},
    "format": "CSV",
    "business_id": "5f9a3fbd571a1c4068aa40ce",
}
DAY = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}


class Files:
    """A server of files: what each request is answered with, and what came."""

    def __init__(self):
        self.answers, self.seen = [], []
        files = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                files.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                (files.answers.pop(0) if len(files.answers) > 1 else files.answers[0])(self)

            def log_message(self, *_):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.link = f"{self.url}/r.csv?X-Signature=very-secret"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def giving(body=CSV, status=200, length=None, **headers):
    """Answers with this body, and says that it is this long."""

    def answer(handler):
        handler.send_response(status)
        given = {"Content-Type": "text/csv", "Content-Length": str(len(body) if length is None else length)}
        for name, value in {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
            if value is not None:
                handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


@pytest.fixture
def files():
    running = Files()
    running.answers = [giving()]
    yield running
    running.close()


@pytest.fixture
def report(files):
    """A report at hand, with a link to the server of files."""
    return TransactionReport.from_dict({**REPORT, "url": files.link})


def paid_sandbox(sandbox, shop):
    """A sandbox with a paid, settled invoice of 10,000 over OVO, a part of which is given back."""
    invoice = InvoiceApi(shop).create_invoice({"external_id": "order-1", "amount": 10_000})
    sandbox.pay(invoice.id, channel="OVO")
    sandbox.settle(invoice.id)
    refund = RefundApi(shop).refund_invoice(invoice.id, 4_000, reference_id="back-1")
    sandbox.succeed_refund(refund.id)
    return invoice


def a_day_around(sandbox):
    now = sandbox.clock()
    return {"from": now - timedelta(hours=12), "to": now + timedelta(hours=12)}


# ------------------------------------------------------------------------------------------ asked for


def test_create_and_get_over_the_wire(client, recorder):
    """The body goes out as it is documented, the sub-account as a header; an answer without a link is read."""
    recorder.answers.extend([Answer(body={**REPORT, "status": "PENDING"}), Answer(body=REPORT)])
    begin = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=7)))
    asked = CreateReport(type="TRANSACTIONS", filter={"from": begin, "to": "2026-01-31"}, format="CSV", currency="IDR")
    made = ReportApi(client).create_report(asked, for_user_id="5f9a")
    assert (recorder.last.method, recorder.last.target) == ("POST", "/reports")
    assert recorder.last.json == {
        "type": "TRANSACTIONS",
        "filter": {"from": "2025-12-31T17:00:00.000Z", "to": "2026-01-31T00:00:00.000Z"},
        "format": "CSV",
        "currency": "IDR",
    }
    assert recorder.last.header("for-user-id") == "5f9a"
    assert (made.status, made.is_final, made.url) == ("PENDING", False, None)
    assert ReportApi(client).get_report(REPORT["id"]).is_final
    assert recorder.last.target == f"/reports/{REPORT['id']}"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"type": "TRANSACTIONS", "format": "CSV", "filter": {"from": DAY["to"], "to": DAY["from"]}},
            "after it begins",
        ),
        ({"type": "TRANSACTIONS", "filter": DAY}, "format"),
        ({"type": "TRANSACTIONS", "format": "CSV", "filter": {"from": 5, "to": DAY["to"]}}, "from_"),
        ({"type": "TRANSACTIONS", "format": "CSV"}, "filter"),
        (None, "create_report"),
    ],
)
def test_a_wrong_request_is_refused_before_any_socket(client, recorder, wrong, said):
    """What is missing, of a wrong type, or ends before it begins is named, and nothing is sent."""
    with pytest.raises((xendit.ApiTypeError, xendit.ApiValueError), match=said):
        ReportApi(client).create_report(wrong)
    assert recorder.requests == []


# ------------------------------------------------------------------------------------------ downloaded


def test_a_file_is_downloaded_without_the_key(client, recorder, files, report, tmp_path):
    """The file is what the server gave, with its size and digest; neither key nor other headers of ours go along."""
    client.set_default_header("x-own", "secret-of-the-shop")
    done = ReportApi(client).download_report(report, tmp_path / "report.csv")
    assert done.path.read_bytes() == CSV
    assert (done.size, done.sha256) == (len(CSV), hashlib.sha256(CSV).hexdigest())
    [(path, headers)] = files.seen
    assert path == "/r.csv?X-Signature=very-secret"
    assert set(headers) <= {"host", "accept", "accept-encoding", "user-agent", "connection"}
    assert KEY not in str(headers)
    assert recorder.requests == []
    assert [each.name for each in tmp_path.iterdir()] == ["report.csv"]


def test_a_packed_file_is_unpacked(client, files, report, tmp_path):
    """A file that its server stores as gzip is what was packed."""
    files.answers = [giving(gzip.compress(CSV * 50_000), Content_Encoding="gzip")]
    done = ReportApi(client).download_report(report, str(tmp_path / "r.csv"))
    assert done.path.read_bytes() == CSV * 50_000


def cut(handler):
    giving(CSV[:10], length=len(CSV))(handler)


@pytest.mark.parametrize("passing", [cut, giving(b"", 503), giving(b"", 500)], ids=["cut off", "503", "500"])
def test_what_may_pass_is_tried_again(client, files, report, tmp_path, passing):
    """A file that was cut off, or a server that is busy, is asked again, and the file is whole."""
    files.answers = [passing, giving()]
    assert ReportApi(client).download_report(report, tmp_path / "r.csv").path.read_bytes() == CSV
    assert len(files.seen) == 2


@pytest.mark.parametrize(
    ("answer", "said", "kind"),
    [
        (cut, "connection was lost", xendit.ConnectionException),
        (giving(b""), "empty", xendit.ResponseException),
        (giving(b"<html>log in</html>"), "a page", xendit.ResponseException),
        (giving(b"<html>", Content_Type="text/html; charset=utf-8"), "text/html", xendit.ResponseException),
        (giving(b"{}", Content_Type="application/json"), "application/json", xendit.ResponseException),
        (giving(b"x", Content_Encoding="br"), "brotli", xendit.ResponseException),
        (giving(b"no gzip", Content_Encoding="gzip"), "gzip", xendit.ResponseException),
        (giving(gzip.compress(CSV)[:-9], Content_Encoding="gzip"), "not whole", xendit.ResponseException),
        (giving(Content_Length=None), "how long", xendit.ResponseException),
        (giving(status=206), "no whole file", xendit.ResponseException),
        (giving(b"", 302, Location="http://127.0.0.1:1/"), "redirect", xendit.XenditSdkException),
        (giving(b"very-secret", 503), "503", xendit.ServiceException),
    ],
)
def test_what_is_no_file_leaves_nothing(client, files, report, tmp_path, answer, said, kind):
    """Whatever came in place of the file is an error that says so and shows no link; the old file stays, and no other is there."""
    files.answers = [answer]
    place = tmp_path / "r.csv"
    place.write_bytes(b"of last month")
    with pytest.raises(kind, match=said) as caught:
        ReportApi(client).download_report(report, place)
    assert "very-secret" not in f"{caught.value!r}{caught.value}{caught.value.__dict__}"
    assert place.read_bytes() == b"of last month"
    assert [each.name for each in tmp_path.iterdir()] == ["r.csv"]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_link_that_is_too_old_is_read_again(client, recorder, files, report, tmp_path, status):
    """A link that is not taken any more is asked for again, once; where it is the same, the error says what to do."""
    files.answers = [giving(b"<Error>very-secret</Error>", status), giving()]
    recorder.answers.append(Answer(body={**REPORT, "url": f"{files.url}/fresh.csv"}))
    assert ReportApi(client).download_report(report, tmp_path / "r.csv").path.read_bytes() == CSV
    assert [path for path, _ in files.seen] == ["/r.csv?X-Signature=very-secret", "/fresh.csv"]
    files.answers = [giving(b"<Error>very-secret</Error>", status)]
    recorder.answers.append(Answer(body={**REPORT, "url": files.link}))
    with pytest.raises(xendit.XenditSdkException, match="24 hours; create the report again") as caught:
        ReportApi(client).download_report(report, tmp_path / "r.csv")
    assert (caught.value.http_status, caught.value.operation) == (status, "download_report")
    assert "very-secret" not in f"{caught.value}{caught.value.__dict__}"


def test_an_old_report_at_hand_is_read_first(client, recorder, files, tmp_path):
    """A report that was written more than a day ago, or has no link, is read before anything is downloaded."""
    for held in ({**REPORT, "url": "https://files.example/old", "updated": "2020-01-01T00:00:00Z"}, REPORT):
        recorder.answers.append(Answer(body={**REPORT, "url": files.link}))
        ReportApi(client).download_report(TransactionReport.from_dict(held), tmp_path / "r.csv")
    assert [path for path, _ in files.seen] == ["/r.csv?X-Signature=very-secret"] * 2


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("ftp://files.example/r.csv", "https://"),
        ("http://files.example/r.csv", "https://"),
        ("https://user:pass@files.example/r.csv", "user"),
        ("https://files.example/r\n.csv", "https://"),
        ("/r.csv", "https://"),
        ("https://10.0.0.8/r.csv", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[::1]/r.csv", "private network"),
    ],
)
def test_a_link_that_must_not_be_followed(client, tmp_path, link, said):
    """A link without TLS, with a user, or into a private network is refused before any socket, and is not shown."""
    with pytest.raises(xendit.ApiValueError, match=said) as caught:
        ReportApi(client).download_report(TransactionReport.from_dict({**REPORT, "url": link}), tmp_path / "r.csv")
    assert "r.csv" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_link_to_this_machine_is_for_a_sandbox(tmp_path, report):
    """Where the API is elsewhere, a link to this machine is not followed."""
    api = ReportApi(xendit.ApiClient(xendit.Configuration(api_key=KEY)))
    with pytest.raises(xendit.ApiValueError, match="private network"):
        api.download_report(report, tmp_path / "r.csv")


@pytest.mark.parametrize(
    ("given", "said"),
    [(7, "TransactionReport or its id"), (None, "TransactionReport or its id"), ("", "empty")],
)
def test_a_wrong_report(client, recorder, tmp_path, given, said):
    """What is neither a report nor an id is refused before any socket."""
    with pytest.raises((xendit.ApiTypeError, xendit.ApiValueError), match=said):
        ReportApi(client).download_report(given, tmp_path / "r.csv")
    assert recorder.requests == []


@pytest.mark.parametrize("status", ["PENDING", "FAILED", "EXPIRED"])
def test_a_report_without_a_file(client, recorder, tmp_path, status):
    """A report that is not written, or could not be, is no file; the error says which."""
    recorder.answers.append(Answer(body={**REPORT, "status": status}))
    with pytest.raises(xendit.ApiValueError, match="not written yet" if status == "PENDING" else "could not|EXPIRED"):
        ReportApi(client).download_report(REPORT["id"], tmp_path / "r.csv")


def test_a_path_that_cannot_be_used(client, files, report, tmp_path):
    """A folder, an empty path, a folder that is not there: refused before any socket."""
    for path in (tmp_path, "", tmp_path / "none" / "r.csv", 5):
        with pytest.raises((xendit.ApiTypeError, xendit.ApiValueError), match="path"):
            ReportApi(client).download_report(report, path)
    assert files.seen == []


def test_a_slow_server_is_left(client, files, report, tmp_path):
    """A server that sends a byte now and then is left when the time is over, and nothing is written."""
    over = threading.Event()

    def dribble(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not over.wait(0.05):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    files.answers = [dribble]
    try:
        with pytest.raises(xendit.TimeoutException):
            ReportApi(client).download_report(report, tmp_path / "r.csv", _request_timeout=0.5)
    finally:
        over.set()
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_download_leaves_nothing(recorder, files, report, tmp_path):
    """Cancelling an awaited download ends it, and neither the file nor a part of it is there."""
    begun, over = threading.Event(), threading.Event()

    def hang(handler):
        giving(CSV, length=100_000)(handler)
        handler.wfile.flush()
        begun.set()
        over.wait(30)

    async def main():
        configuration = xendit.Configuration(api_key=KEY, host=recorder.url)
        async with xendit.AsyncApiClient(configuration) as client:
            files.answers = [hang]
            running = asyncio.create_task(AsyncReportApi(client).download_report(report, tmp_path / "r.csv"))
            assert await asyncio.to_thread(begun.wait, 30)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert list(tmp_path.iterdir()) == []
            files.answers = [giving()]
            return await AsyncReportApi(client).download_report(report, tmp_path / "r.csv")

    try:
        assert asyncio.run(main()).path.read_bytes() == CSV
    finally:
        over.set()


# ------------------------------------------------------------------------------------------ in the sandbox


def test_from_the_request_to_the_file(sandbox, shop, tmp_path):
    """Requested, waited for, downloaded: a CSV of what moved, in the sandbox as at Xendit."""
    invoice = paid_sandbox(sandbox, shop)
    api = ReportApi(shop)
    asked = api.create_report({"type": "DETAILED_TRANSACTIONS", "filter": a_day_around(sandbox), "format": "CSV"})
    sandbox.complete_report(asked.id)
    report = api.wait_until_final(asked.id)
    done = api.download_report(report, tmp_path / "r.csv")
    rows = list(csv.DictReader(io.StringIO(done.path.read_text("utf-8"))))
    assert [(row["Type"], row["Reference"], row["Amount"], row["Invoice ID"]) for row in rows] == [
        ("PAYMENT", "order-1", "10000", invoice.id),
        ("REFUND", "back-1", "-4000", invoice.id),
    ]


@pytest.mark.parametrize(
    ("kind", "lines"),
    [("TRANSACTIONS", 2), ("UPCOMING_TRANSACTIONS", 0), ("BALANCE_HISTORY", 2), ("DETAILED_TRANSACTIONS", 2)],
)
def test_each_type(sandbox, shop, tmp_path, kind, lines):
    """Each type lists what it is for; the balance after each change is that of the account."""
    paid_sandbox(sandbox, shop)
    api = ReportApi(shop)
    asked = api.create_report({"type": kind, "filter": a_day_around(sandbox), "format": "CSV", "currency": "IDR"})
    sandbox.complete_report(asked.id)
    rows = list(csv.reader(io.StringIO(api.download_report(asked.id, tmp_path / "r").path.read_text("utf-8"))))[1:]
    assert len(rows) == lines
    if kind == "BALANCE_HISTORY":
        from xendit.apis import BalanceApi

        assert float(rows[-1][-1]) == BalanceApi(shop).get_balance().balance


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type": "ALL"}, "type"),
        ({"format": "PDF"}, "format"),
        ({"report_version": "VERSION_9"}, "report_version"),
        ({"filter": {"from": "2026-01-01T00:00:00Z", "to": "2026-04-03T00:00:00Z"}}, "filter.to"),
        ({"currency": "RUPIAH"}, "currency"),
    ],
)
def test_refusals(shop, change, path):
    """What is refused is named in the shape of error that this API has."""
    asked = {"type": "TRANSACTIONS", "filter": DAY, "format": "CSV", **change}
    with pytest.raises(xendit.BadRequestException) as caught:
        ReportApi(shop).create_report(asked, _check_input_type=False)
    assert (caught.value.errorCode, caught.value.errors[0][0]) == ("API_VALIDATION_ERROR", path)


def test_the_link_lives_for_a_day(sandbox, shop, tmp_path):
    """After 24 hours the link is refused; with a key the server of files refuses too, as such services do."""
    api = ReportApi(shop)
    asked = api.create_report({"type": "TRANSACTIONS", "filter": a_day_around(sandbox), "format": "CSV"})
    sandbox.complete_report(asked.id)
    sandbox.advance("23h")
    api.download_report(asked.id, tmp_path / "r.csv")
    sandbox.advance("2h")
    with pytest.raises(xendit.ForbiddenException, match="24 hours"):
        api.download_report(asked.id, tmp_path / "r.csv")


def test_it_is_written_by_itself_and_told(tmp_path):
    """The webhook, which has no envelope, brings the report to the handler that is named after it; the link works."""
    with Sandbox() as sandbox, xendit.ApiClient(api_of(sandbox)) as shop:
        api = ReportApi(shop)
        asked = api.create_report({"type": "TRANSACTIONS", "filter": a_day_around(sandbox), "format": "CSV"})
        sandbox.advance("5s")
        [sent] = [each for each in sandbox.deliveries if each.kind == "report"]
        assert sent.body.startswith('{"id":"report_')
        event = read_event(sent.body.encode())
        assert isinstance(event, ReportEvent)
        assert (event.kind, event.report_id, event.rank) == ("report_completed", asked.id, 2)
        assert api.download_report(event.report, tmp_path / "r.csv").size > 0


def api_of(sandbox):
    return xendit.Configuration(api_key=sandbox.api_key, host=sandbox.url)


def test_a_report_that_fails(sandbox, shop, tmp_path):
    """A report that could not be written is final, is told, and cannot be downloaded."""
    api = ReportApi(shop)
    asked = api.create_report({"type": "TRANSACTIONS", "filter": a_day_around(sandbox), "format": "CSV"})
    sandbox.fail_report(asked.id)
    assert api.wait_until_final(asked.id).status == "FAILED"
    with pytest.raises(xendit.ApiValueError, match="could not be written: create another"):
        api.download_report(asked.id, tmp_path / "r.csv")


def test_waiting_ends(tmp_path):
    """A report that is not written in time is a TimeoutException, with the report as it was read last."""
    with Sandbox(assumptions=Assumptions(report_delay=0)) as sandbox, xendit.ApiClient(api_of(sandbox)) as shop:
        api = ReportApi(shop)
        asked = api.create_report({"type": "TRANSACTIONS", "filter": a_day_around(sandbox), "format": "CSV"})
        with pytest.raises(xendit.TimeoutException, match="still PENDING") as caught:
            api.wait_until_final(asked.id, timeout=0.1)
        assert caught.value.model.id == asked.id


def test_another_account_sees_none(sandbox, shop):
    """A report is its account's own."""
    asked = ReportApi(shop).create_report({"type": "TRANSACTIONS", "filter": a_day_around(sandbox), "format": "CSV"})
    other = xendit.ApiClient(xendit.Configuration(api_key="xnd_development_other", host=sandbox.url))
    with pytest.raises(xendit.NotFoundException):
        ReportApi(other).get_report(asked.id)


def test_it_survives_an_export(sandbox, shop, tmp_path):
    """A report goes with an export into another sandbox, whose control plane shows it and fails what is pending."""
    asked = ReportApi(shop).create_report({"type": "TRANSACTIONS", "filter": a_day_around(sandbox), "format": "CSV"})
    with Sandbox(assumptions=Assumptions(report_delay=0)) as other, xendit.ApiClient(api_of(other)) as there:
        other.plant(sandbox.export())
        listed = there.request("GET", "/_sandbox/reports").data["reports"]
        assert [each["id"] for each in listed] == [asked.id]
        assert there.request("POST", f"/_sandbox/reports/{asked.id}/fail").data["status"] == "FAILED"
        assert there.request("GET", f"/_sandbox/reports/{asked.id}").data["report"]["status"] == "FAILED"
