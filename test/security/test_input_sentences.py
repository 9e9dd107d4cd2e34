"""Sentences 9 to 15: what a caller gives and what a server answers is data, whatever is in it."""

from __future__ import annotations

import ast
import functools
import json
import math
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings, strategies as st
from recorded import PAYLOADS

import xendit
from security.listeners import Answering
from security.test_transport_sentences import ORDER, good
from xendit.codec import loads
from xendit.exceptions import ApiTypeError, ApiValueError, OpenApiException, ResponseException
from xendit.exchange import error_of_answer
from xendit.invoice.model import CreateInvoiceRequest, Invoice, InvoiceStatus
from xendit.invoice.operations import CREATE_INVOICE, GET_INVOICE_BY_ID, GET_INVOICES
from xendit.operation import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from faults.server import FaultServer

    from xendit.apis import InvoiceApi

    Api = Callable[..., InvoiceApi]

PACKAGE = Path(xendit.__file__).parent

# ------------------------------------------------------------------------------------------ ids and headers

REFUSED_IDS = [
    "",
    " ",
    ".",
    "..",
    " . ",
    "a\r\nX: y",
    "a\nb",
    "a\rb",
    "a\x00b",
    "a\tb",
    "\x7f",
    "\x85",
    "\ud800",
    None,
    5,
    b"x",
    ["x"],
    True,
]
QUOTED_IDS = [
    "../x",
    "a/b",
    "a?b=c",
    "a#b",
    "a%2fb",
    "%2e%2e",
    "a b",
    "é",
    "中文",
    "a;b",
    "a&b",
    "\\..\\x",
    "//evil.invalid/x",
    "https://evil.invalid/",
    "x" * 300,
    "..;/x",
    "a\u2028b",
]


def _by_id(api: InvoiceApi, method: str, value: Any) -> Any:
    return getattr(api, method)(value)


@pytest.mark.parametrize("method", ["get_invoice_by_id", "expire_invoice"])
@pytest.mark.parametrize("value", REFUSED_IDS, ids=repr)
def test_s09_a_hostile_id_is_refused_before_any_socket(value: Any, method: str, api_on: Api) -> None:
    """The list, another endpoint or another account is never reached by an id."""
    with Answering(good) as server:
        with pytest.raises((ApiTypeError, ApiValueError), match="invoice_id"):
            _by_id(api_on(server), method, value)
        assert server.connections == 0


@pytest.mark.parametrize("method", ["get_invoice_by_id", "expire_invoice"])
@pytest.mark.parametrize("value", QUOTED_IDS, ids=repr)
def test_s09_any_other_id_is_one_quoted_segment(value: str, method: str, faults: FaultServer, api_on: Api) -> None:
    """Nobody knows which ids Xendit may give, so none is refused for its letters; it stays inside its segment."""
    from urllib.parse import unquote

    with pytest.raises(xendit.NotFoundException):
        _by_id(api_on(faults), method, value)
    (entry,) = faults.journal
    if method == "get_invoice_by_id":
        segment = entry.target.removeprefix("/v2/invoices/")
    else:
        segment = entry.target.removeprefix("/invoices/").removesuffix("/expire!")
    assert entry.operation == ("get" if method == "get_invoice_by_id" else "expire")
    assert not set(segment) & set("/?#; \\&")
    assert unquote(segment) == value


BAD_VALUES = ["", " ", "a\r\nX: y", "a\nb", "a\x00b", "\x1f", "é", "中文", "\ud800", "x" * 256, 5, b"x", ["x"]]


@pytest.mark.parametrize("value", BAD_VALUES, ids=repr)
def test_s09_a_hostile_header_value_is_refused_before_any_socket(value: Any, api_on: Api) -> None:
    """for_user_id first: an empty one would act on the master account."""
    with Answering(good) as server:
        api = api_on(server)
        for call in (
            lambda: api.get_invoice_by_id("x", value),
            lambda: api.create_invoice(ORDER, value),
            lambda: api.get_invoices(value),
            lambda: api.expire_invoice("x", value),
            lambda: api.create_invoice(ORDER, with_fee_rule=value),
            lambda: api.create_invoice(ORDER, with_split_rule=value),
            lambda: api.create_invoice(ORDER, idempotency_key=value),
            lambda: api.get_invoice_by_id("x", _headers={"x-own": value}),
        ):
            with pytest.raises((ApiTypeError, ApiValueError)):
                call()
        assert server.connections == 0


@pytest.mark.parametrize(
    "name",
    ["", "a b", "a:b", "a\r\nb", "é", "Authorization", "HOST", "content-length", "Transfer-Encoding", "connection", 5],
)
def test_s09_a_hostile_header_name_is_refused(name: Any, api_on: Api) -> None:
    """Names that are none, and those that are the client's."""
    with Answering(good) as server:
        with pytest.raises((ApiTypeError, ApiValueError)):
            api_on(server).get_invoice_by_id("x", _headers={name: "v"})
        assert server.connections == 0


# ------------------------------------------------------------------------------------------ amounts

BAD_AMOUNTS = [
    math.nan,
    math.inf,
    -math.inf,
    True,
    False,
    "1000",
    "1e3",
    "",
    None,
    [],
    {},
    1 + 2j,
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("Infinity"),
    Decimal("-Infinity"),
]


@pytest.mark.parametrize("amount", BAD_AMOUNTS, ids=repr)
def test_s10_what_is_no_amount_is_refused_before_any_socket(amount: Any, api_on: Api) -> None:
    """In the model, in the dict form, in an item and behind the model's back."""
    with Answering(good) as server:
        api = api_on(server)
        with pytest.raises((ApiTypeError, ApiValueError), match="amount"):
            CreateInvoiceRequest("e", amount)
        with pytest.raises((ApiTypeError, ApiValueError), match="amount"):
            api.create_invoice({"external_id": "e", "amount": amount})
        with pytest.raises((ApiTypeError, ApiValueError), match="price"):
            api.create_invoice(
                {"external_id": "e", "amount": 1, "items": [{"name": "a", "price": amount, "quantity": 1}]}
            )
        request = CreateInvoiceRequest("e", 1, metadata={})
        request.metadata["deep"] = [{"x": math.nan}]  # type: ignore[index]
        with pytest.raises((ApiTypeError, ApiValueError)):
            api.create_invoice(request)
        with pytest.raises((ApiTypeError, ApiValueError)):
            api.create_invoice({"external_id": "e", "amount": math.nan}, _check_input_type=False)
        assert server.connections == 0


@pytest.mark.filterwarnings("ignore:.*has decimals that an amount does not have")  # it is said, and sent all the same
@pytest.mark.parametrize("amount", ["10000.10", "0.1", "12345678901234567890.12", "1E+3", "1E-7", "0", "-5"])
def test_s10_a_decimal_goes_out_exactly(amount: str, api_on: Api) -> None:
    """No detour over float. (What an amount may be, Xendit decides: a negative one is its to refuse.)"""
    with Answering(lambda connection: good(connection, b'{"id":"x","external_id":"e"}')) as server:
        api_on(server).create_invoice({"external_id": "e", "amount": Decimal(amount)}, _check_return_type=False)
        body = server.requests[0].partition(b"\r\n\r\n")[2]
        assert json.loads(body, parse_float=Decimal, parse_int=Decimal)["amount"] == Decimal(amount)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    )
)
def test_s10_what_is_sent_is_json(value: Any) -> None:
    """Whatever metadata holds: it goes out as strict JSON, or is refused."""
    try:
        request = CREATE_INVOICE.request({"create_invoice_request": {**ORDER, "metadata": {"v": value}}})
    except (ApiTypeError, ApiValueError):
        return
    assert request.body is not None
    assert request.body.isascii()

    def refuse(text: str) -> None:
        raise AssertionError(text)

    assert json.loads(request.body, parse_constant=refuse)["metadata"]["v"] == value


# ------------------------------------------------------------------------------------------ strict JSON


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        '{"amount":NaN}',
        "1e400",
        "-1e999",
        '{"a":1,"a":2}',
        '{"x":{"id":"a","id":"b"}}',
        "[1,]",
        "'a'",
        "{a:1}",
        "01",
        "+1",
        ".5",
        "1.",
        '"\t"',
        "",
        " ",
        "nul",
        '"a',
        "[1] 2",
        "\ufeff\ufeff1",
        '"\\x41"',
        '"\\u12"',
        "0x10",
    ],
)
def test_s11_what_is_no_strict_json_is_refused(text: str) -> None:
    """NaN and infinities, doubled keys, trailing commas, leading zeros, control characters, a second value."""
    with pytest.raises((ApiTypeError, ApiValueError)):
        loads(text.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1", "cp037", "utf-7"])
def test_s11_utf_8_alone_is_read(encoding: str) -> None:
    """The server does not choose the codec, and no codec is guessed."""
    with pytest.raises((ApiTypeError, ApiValueError)):
        loads('{"é+中":1}'.encode(encoding, "ignore") + b"\xff")


@pytest.mark.parametrize(
    "charset", ["utf-8", "UTF-8", "latin-1", "idna", "unicode_escape", "bogus-1", "utf-7", "rot13", "", '"; x=']
)
def test_s11_the_servers_charset_is_never_used(charset: str, api_on: Api) -> None:
    """Some codecs are slow, some change the meaning, some do not exist."""
    body = '{"id":"x","description":"é \\\\u0041 +AOk-"}'.encode()

    def answer(connection: Any) -> None:
        connection.sendall(
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset={charset}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    with Answering(answer) as server:
        assert api_on(server).get_invoice_by_id("x").description == "é \\u0041 +AOk-"


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("levels", [1, 20, 32, 64, 65, 100, 1000, 10_000, 100_000, 1_000_000])
def test_s11_depth_is_bounded(levels: int, opening: str) -> None:
    """64 levels are read; one more is refused, and a million too: no RecursionError, whole or cut off."""
    closing = opening.replace('"a":', "")[::-1].translate(str.maketrans("[{", "]}"))
    text = opening * levels + "1" + closing * levels
    depth = levels * len(closing)
    for body in (text.encode(), (opening * levels).encode()):
        try:
            loads(body)
            fine = True
        except (ApiTypeError, ApiValueError):
            fine = False
        assert fine is (depth <= 64 and body == text.encode())
    if depth > 64:
        with pytest.raises((ApiTypeError, ApiValueError)):
            GET_INVOICE_BY_ID.read(Response(200, {}, b'{"id":"x","metadata":' + text.encode() + b"}"))
        assert error_of_answer(GET_INVOICE_BY_ID, Response(400, {}, text.encode())).status == "400"


@pytest.mark.parametrize(("digits", "fine"), [(1, True), (40, True), (4300, True), (4301, False), (100_000, False)])
def test_s11_numbers_are_read_exactly_up_to_4300_digits(digits: int, fine: bool) -> None:
    """That is Python's own bound, against work that grows with the square of the length."""
    text = "9" * digits
    if fine:
        assert str(loads(text.encode())) == text
        assert GET_INVOICE_BY_ID.read(Response(200, {}, b'{"amount":' + text.encode() + b"}")).amount == int(text)
    else:
        with pytest.raises((ApiTypeError, ApiValueError)):
            loads(text.encode())


# ------------------------------------------------------------------------------------------ unknown values


@given(st.text(max_size=40))
def test_s12_an_unknown_value_of_an_enum_is_kept(text: str) -> None:
    """It reads as the text that came, says that it is not known, and goes out again."""
    invoice = Invoice.from_dict({"status": text})
    assert invoice.status == text
    assert isinstance(invoice.status, str)
    assert invoice.status.is_known is (text in {member.value for member in InvoiceStatus})
    assert json.loads(invoice.to_json())["status"] == text


NAMES = [
    "self",
    "class",
    "__class__",
    "__dict__",
    "__init__",
    "__slots__",
    "__plan__",
    "_data_store",
    "to_dict",
    "keys",
    "get",
    "",
    "é",
    "a b",
    "mro",
    "__getattr__",
    "copy",
    "from",
    "None",
]


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_s12_an_unknown_field_shadows_nothing(name: str) -> None:
    """It is kept, read by key, printed and sent again; methods and dunders stay what they are."""
    value = {"x": [1]}
    invoice = Invoice.from_dict({"id": "a", name: value})
    assert (invoice.id, type(invoice)) == ("a", Invoice)
    assert invoice[name] == value
    assert invoice.get(name) == value
    assert name in invoice
    assert callable(invoice.to_dict)
    assert callable(invoice.keys)
    assert json.loads(invoice.to_json())[name] == value
    assert "Invoice(" in repr(invoice)
    assert Invoice.from_json(invoice.to_json()) == invoice
    assert Invoice.__init__ is type(invoice).__init__


# ------------------------------------------------------------------------------------------ the echo


@pytest.mark.parametrize("operation", ["get", "create"])
def test_s13_the_answer_is_the_one_that_was_asked_for(operation: str, faults: FaultServer, api_on: Api) -> None:
    """Another invoice, however well formed, is our error; a create that was done is looked up."""
    order = faults.add("e", 1000)
    faults.script("other_invoice", default="status:code=404")
    api = api_on(faults)
    with pytest.raises(
        (ResponseException, xendit.OutcomeUnknownException), match="not the invoice that was asked for"
    ) as caught:
        api.get_invoice_by_id(order["id"]) if operation == "get" else api.create_invoice(
            {"external_id": "f", "amount": 1}
        )
    assert caught.value.outcome == "done"


@pytest.mark.parametrize("body", ["[1]", '["x"]', "[null]", "[[]]", '[{"id":"x"},5]', '{"id":"x"}', '"x"', "null", "5"])
def test_s13_a_list_holds_invoices(body: str, api_on: Api) -> None:
    """Anything else in it, or instead of it, is our error."""
    with Answering(lambda connection: good(connection, body.encode())) as server:
        with pytest.raises(ResponseException):
            api_on(server).get_invoices()


# ------------------------------------------------------------------------------------------ no code from data

EVALUATING = {"eval", "exec", "compile", "execfile", "breakpoint"}
DESERIALIZING = {"pickle", "marshal", "shelve", "yaml", "dill", "cloudpickle", "jsonpickle", "code", "codeop", "imp"}
DECLARED = {
    ("products.py", "f'{self.package}.{name}'"),
    ("products.py", "f'xendit.{folder}.product'"),
    ("face.py", "home"),
    ("cli/frame.py", "f'xendit.{place}'"),
    ("operation.py", "self.models"),
    ("sentry.py", "'sentry_sdk'"),
    ("sentry.py", "'sentry_sdk.tracing_utils'"),  # where the program has loaded it itself
    ("webhook/effects.py", "module"),  # guarded: of this package alone
    ("late_types.py", "name"),  # imports that stand in the package's own source, for type checkers
    ("cli/inbox/acting.py", "module_name"),  # the handler that whoever types the command names
    ("sandbox/__init__.py", "_HOMES[name]"),
    ("webhook/sql.py", "f'sqlalchemy.dialects.{self._dialect}'"),
    ("cli/assistant.py", "'mcp.server.mcpserver'"),  # written out; by name, because it needs a Python that has it
    ("cli/assistant.py", "'mcp.server.mcpserver.exceptions'"),
    ("cli/assistant.py", "'mcp.types'"),
    ("cli/assistant.py", "place"),  # of five that are written out in the line above
}
"""What is imported by a name that the program makes: each from a table in its own source, or guarded by one."""


def _calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """Every call by the text of what is called."""
    return [(ast.unparse(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _library() -> list[tuple[str, ast.Module]]:
    return [
        (path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8")))
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


def test_s14_there_is_one_exec_and_it_is_in_the_codec() -> None:
    """Of text made from declarations; nothing else evaluates, compiles or imports what it is given."""
    found = [(name, called) for name, tree in _library() for called, _ in _calls(tree) if called in EVALUATING]
    assert [each for each in found if each[1] != "compile"] == [("codec/compiler.py", "exec")]
    assert {name for name, _ in found} == {"codec/compiler.py"}


def test_s14_nothing_is_deserialized_but_json() -> None:
    """No module that makes objects out of bytes is imported, anywhere in the package."""
    for name, tree in _library():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported = {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported = {(node.module or "").partition(".")[0]}
            else:
                continue
            starts = {"subprocess"} if name == "cli/supervisor.py" else set()  # what its user typed behind `--`
            assert not imported & (DESERIALIZING | {"subprocess", "ctypes", "pty"}) - starts, (name, imported)


def test_s14_what_is_imported_by_name_is_a_name_of_ours() -> None:
    """Nothing else is imported by a name that is not written out."""
    for name, tree in _library():
        constants = {
            ast.unparse(node.targets[0]): ast.unparse(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        for called, node in _calls(tree):
            assert called not in ("os.system", "os.popen", "runpy.run_path", "importlib.reload"), name
            if called.endswith("import_module") or called == "__import__":
                given = constants.get(ast.unparse(node.args[0]), ast.unparse(node.args[0]))
                assert given.startswith("'xendit.") or (name, given) in DECLARED, (name, given)


def test_s14_the_check_finds_what_it_looks_for() -> None:
    """Or it would pass by seeing nothing."""
    assert [called for called, _ in _calls(ast.parse("eval(x); a.b(exec(y))"))] == ["eval", "a.b", "exec"]
    assert len(_library()) > 40


# ------------------------------------------------------------------------------------------ any bytes

RECORDED = [path.read_bytes() for path in sorted(PAYLOADS.glob("*.json"))]
TOKENS = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b"null",
    b"true",
    b"NaN",
    b"1e999",
    b"-",
    b"9" * 50,
    b"\xff",
    b"\x00",
    b"\\ud800",
    b'"id"',
    b'"amount"',
    b'"items"',
    b'"status"',
    b'"created"',
    b"2020-01-01",
    b"1.5",
    b'{"id":"x"',
    b"[[[[",
]


@st.composite
def _mutated(draw: Any) -> bytes:
    """A recorded body with pieces replaced, doubled, removed or put in."""
    body = bytearray(draw(st.sampled_from(RECORDED)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 30)))
        body[start:end] = draw(st.sampled_from(TOKENS) | st.binary(max_size=8) | st.just(bytes(body[start:end]) * 2))
    return bytes(body)


ANY_BYTES = (
    st.binary(max_size=300)
    | _mutated()
    | st.lists(st.sampled_from(TOKENS), max_size=60).map(b"".join)
    | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass"))
)


@settings(max_examples=settings.default.max_examples * 3 if settings.default else 300)  # type: ignore[union-attr]
@given(ANY_BYTES)
@example(b"")
@example(b"[" * 10_240)
@example(b'{"a":' * 2048)
@example(b"9" * 10_240)
@example(b"-" * 10_240)
@example(b'"' + b"\\" * 10_240)
@example(b'"' + b"\\u0041" * 1700 + b'"')
@example(b'{"metadata":{' + b",".join(b'"%d":1' % number for number in range(1200)) + b"}}")
@example(b'[{"status":"' + b"A" * 10_000 + b'"}]')
@example(b'{"created":"' + b"2" * 10_000 + b'"}')
@example(b'{"amount":1' + b"0" * 4200 + b"." + b"1" * 4000 + b"}")
@example(b'{"amount":1e' + b"9" * 10_000 + b"}")
def test_s15_any_bytes_are_a_model_or_our_error(body: bytes) -> None:
    """As an invoice, as a list, unchecked, and as an error of any status; and soon: 50 ms of this thread per 10 KiB."""
    for read in (GET_INVOICE_BY_ID.read, GET_INVOICES.read, GET_INVOICE_BY_ID.read_unchecked):
        _soon(functools.partial(_read_or_refuse, read, body), len(body))
    error = _soon(lambda: error_of_answer(CREATE_INVOICE, Response(400, {}, body)), len(body))
    assert str(error).startswith("400")
    assert error.status == "400"


def _read_or_refuse(read: Callable[[Response], Any], body: bytes) -> None:
    try:
        repr(read(Response(200, {}, body)))
    except OpenApiException as error:
        str(error), repr(error)


def _soon(work: Callable[[], Any], size: int) -> Any:
    """The work's result, if one of three tries takes no more than 50 ms of this thread per 10 KiB.

    More than one, as a collection of the garbage of all other tests may fall into a try.
    """
    for _ in range(3):
        began = time.thread_time()
        result = work()
        if time.thread_time() - began < 0.05 * max(1.0, size / 10_240):
            return result
    raise AssertionError("it takes too long")


@given(ANY_BYTES, st.sampled_from([200, 201, 204, 299, 301, 400, 404, 429, 500, 503, 999]))
def test_s15_any_body_with_any_status_over_the_wire(body: bytes, status: int) -> None:
    """The whole way, from the socket to the caller."""
    _wire(body, status)


_server: list[Answering] = []
_answers: list[bytes] = []


@pytest.fixture(autouse=True, scope="module")
def _one_server() -> Any:
    with Answering(lambda connection: connection.sendall(_answers[-1])) as server:
        _server.append(server)
        yield
        _server.clear()


def _wire(body: bytes, status: int) -> None:
    from recorded import KEY

    from xendit.apis import InvoiceApi

    _answers[:] = [f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body]
    api = InvoiceApi(xendit.ApiClient(xendit.Configuration(_server[0].url, KEY, retries=0, timeout=5)))
    try:
        found = api.get_invoices()
    except xendit.XenditSdkException as error:
        assert error.status == str(status) or error.outcome == "unknown"
        return
    assert 200 <= status < 300
    assert all(isinstance(each, Invoice) for each in found)


def test_s15_ids_of_every_kind_are_text_on_the_wire(api_on: Api) -> None:
    """int and UUID are taken for external_id; what is no id is refused."""
    with Answering(lambda connection: good(connection, b"[]")) as server:
        api = api_on(server)
        api.get_invoices(external_id=7)
        api.get_invoices(external_id=UUID(int=1))
        assert b"external_id=7" in server.requests[0]
        assert b"external_id=00000000-0000-0000-0000-000000000001" in server.requests[1]
