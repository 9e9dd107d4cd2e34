"""FastAPI's Depends and dishka make our objects by themselves, and their calls reach the API."""

# No annotation is a text here: older releases of FastAPI do not find what a class's own names.

import inspect
import sys
import typing
from pathlib import Path

import jedi
import pytest
from dishka import Provider, Scope, make_async_container, make_container
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

import xendit
from xendit import ApiClient, AsyncApiClient, AsyncInvoiceApi, Configuration, InvoiceApi

sys.path.insert(0, str(Path(__file__).parent / "contract"))

from recorder import KEY, Recorder

Injected = typing.Annotated[InvoiceApi, Depends(InvoiceApi)]
InjectedAsync = typing.Annotated[AsyncInvoiceApi, Depends()]
InjectedClient = typing.Annotated[ApiClient, Depends(ApiClient)]


class Shop(InvoiceApi):
    """An API of one's own, made with what FastAPI takes from the request."""

    def __init__(self, client: InjectedClient, table: int = 1) -> None:
        super().__init__(client)
        self.table = table


@pytest.fixture
def recorder(monkeypatch):
    """A recording server, which the environment names, with a key."""
    with Recorder() as running:
        monkeypatch.setenv("XENDIT_BASE_URL", running.url)
        monkeypatch.setenv("XENDIT_API_KEY", KEY)
        yield running


def application():
    """An application whose endpoints are given what they call through."""
    app = FastAPI()

    @app.get("/sync/{order}")
    def with_threads(order: str, api: Injected):
        return {"url": api.create_invoice({"external_id": order, "amount": 1000}).invoice_url}

    @app.get("/async/{order}")
    async def with_a_loop(order: str, api: InjectedAsync):
        return {"url": (await api.create_invoice({"external_id": order, "amount": 1000})).invoice_url}

    @app.get("/client")
    def with_a_client(client: InjectedClient):
        return {"found": len(InvoiceApi(client).get_invoices())}

    @app.get("/shop")
    def with_a_subclass(shop: typing.Annotated[Shop, Depends()]):
        return {"found": len(shop.get_invoices()), "table": shop.table}

    return app


def test_fastapi(recorder):
    """Each request is given an API, which shares the connections of the others; none of its arguments is the web's."""
    with TestClient(application()) as web:
        for number in range(5):
            assert web.get(f"/sync/order-{number}").json()["url"].startswith("https://")
            assert web.get(f"/async/order-{number}").json()["url"].startswith("https://")
        assert web.get("/client").json() == {"found": 1}
        assert web.get("/shop?table=7").json() == {"found": 1, "table": 7}
        paths = web.get("/openapi.json").json()["paths"]
    assert [each["name"] for each in paths["/sync/{order}"]["get"]["parameters"]] == ["order"]
    assert [each["name"] for each in paths["/shop"]["get"]["parameters"]] == ["table"]
    assert not any("requestBody" in each["get"] for each in paths.values())
    assert len(recorder.requests) == 12
    assert {request.key for request in recorder.requests} == {KEY}
    assert recorder.connections <= 3


def test_dishka(recorder):
    """A container makes an InvoiceApi over the client that it is told how to make."""
    provider = Provider(scope=Scope.APP)
    provider.provide(lambda: Configuration(host=recorder.url, api_key="xnd_development_own=="), provides=Configuration)
    provider.provide(ApiClient)
    provider.provide(InvoiceApi)
    container = make_container(provider)
    api = container.get(InvoiceApi)
    assert api.api_client is container.get(ApiClient)
    api.get_invoices()
    assert recorder.last.key == "xnd_development_own=="
    container.close()


def test_dishka_async(recorder):
    """The same in asyncio."""
    import asyncio

    async def run():
        provider = Provider(scope=Scope.APP)
        provider.provide(lambda: Configuration(host=recorder.url, api_key=KEY), provides=Configuration)
        provider.provide(AsyncApiClient)
        provider.provide(AsyncInvoiceApi)
        container = make_async_container(provider)
        api = await container.get(AsyncInvoiceApi)
        await api.get_invoices()
        await api.api_client.close()
        await container.close()

    asyncio.run(run())
    assert recorder.last.key == KEY


def test_dishka_without_a_client():
    """A container that was told nothing of a client says so, rather than take the key of the process."""
    provider = Provider(scope=Scope.APP)
    provider.provide(InvoiceApi)
    with pytest.raises(Exception, match="ApiClient"):
        make_container(provider)


@pytest.mark.parametrize(
    ("cls", "needed"),
    [
        (InvoiceApi, {"api_client": ApiClient}),
        (AsyncInvoiceApi, {"api_client": AsyncApiClient}),
        (ApiClient, {"configuration": Configuration}),
        (AsyncApiClient, {"configuration": Configuration}),
    ],
)
def test_hints_of_constructors(cls, needed):
    """`get_type_hints` gives what a container has to find; the class itself can be made without."""
    hints = typing.get_type_hints(cls.__init__)
    hints.pop("return")
    assert hints == needed
    assert list(inspect.signature(cls.__init__).parameters) == ["self", *needed]
    assert not inspect.signature(cls).parameters


def test_a_subclass_is_seen_as_it_is():
    """A constructor of one's own is not hidden by that of the base; a subclass without one is as its base."""
    assert list(inspect.signature(Shop).parameters) == ["client", "table"]
    assert not inspect.signature(type("Plain", (InvoiceApi,), {})).parameters


def test_editors_see_the_constructor_itself():
    """What frameworks are shown does not show in an editor, which reads the source."""
    code = "from xendit.apis import InvoiceApi\nInvoiceApi("
    [signature] = jedi.Script(code).get_signatures(2, len("InvoiceApi("))
    assert [each.name for each in signature.params] == ["api_client", "api_key"]


def test_calls_are_not_touched(recorder):
    """The constructor takes all that it took."""
    client = ApiClient(Configuration(host=recorder.url, api_key=KEY))
    for api in (InvoiceApi(client), InvoiceApi(api_client=client), InvoiceApi(KEY), InvoiceApi(api_key=KEY)):
        assert api.get_invoices()
    with pytest.raises(xendit.ConfigurationException):
        InvoiceApi(5)
