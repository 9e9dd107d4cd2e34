"""The list of products, and what each product declares of itself. Apart from the list, nothing here knows a product.

A product is a folder of this package whose name stands in PRODUCTS. Its module `product` holds one Product, written
only in literals, so that docs/build.py can read it without importing anything. Everything else in the folder is found
by the name of its module:

    operations   OPERATIONS: the HTTP operations as data
    model/       the models and enums; `model/__init__.py` is derived
    limits       what the API checks beyond the types, for the OpenAPI document; may be absent
    command_line EXTRAS: what the command line has for it beyond what is derived; may be absent
    webhook      read(delivered), and the classes of its events; where it has events
    sandbox      RULES: what the sandbox answers; may be absent
    sandbox_actions a subclass of SandboxActions: the methods that it adds to `Sandbox`; may be absent
    sandbox_parts   what the sandbox answers beside the API, such as pages; may be absent
    sandbox_events  how the command line tells of its records in a sandbox; may be absent
    world        PLAY: what shops and payers do with it in a simulated world, and what must hold; may be absent
    demo         main(arguments): `xendit sandbox demo` runs that of the first product; may be absent
    dicts        typed dicts of the requests; derived
    *_api        the API classes; the asynchronous ones, `async_*_api`, are derived

CONTRIBUTING.md says how a product is added.
"""

from __future__ import annotations

from importlib import import_module

from xendit.policy import Value

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType
    from typing import Any

    from xendit.operation import Operation

PRODUCTS = ("invoice", "balance_and_transaction", "refund", "transaction_report")
"""The folders of the products, in the order in which faces and documents show them."""


class Product(Value):
    """What a product declares of itself.

    Args:
        folder: the name of its package.
        noun: what one thing of it is called in a sentence.
        probe: for `xendit doctor`, the path of a cheap read, and the permission that a key lacks if it is answered 403.
        groups: where it has several API classes, what the commands of each are called, such as `transactions`.
        title: what its part of the API is called, such as `Invoice API`.
        apis: its API classes, each with the module that it stands in; those for asyncio are derived.
        requests: the models that are sent.
        answers: the models that are answered.
        callbacks: the models that the bodies of webhooks are read with.
        events: what its webhooks are called in their envelope, each with the event's class in `webhook`; `""` stands
            for bodies without an envelope.
        webhooks: how the OpenAPI document calls its webhooks, each with the model of the body and a summary.
        webhook_names: what `xendit.webhook` shows of it beside its events, each with the module that has it.
        claims: those of its models that `xendit.models` shows although a later product in the list has one of the same
            name.
        apart: classes of its events with which a worker's `handler` is never called, because there are programs that
            were written before these events existed. They go to the worker's `other`, and to `Handlers` by their names.
        sandbox_actions: the class in its module `sandbox_actions`; empty where it adds no method to `Sandbox`.
        batches: the API classes with which `create_many` works, each with the model that is sent and the one that is
            answered. It must be possible to look up what their create makes.
        commands: the commands that it adds to groups of the command line (`""` is the top level): by their names, each
            with the module and the name of its function, and a line of help.
    """

    __slots__ = (  # noqa: RUF023 - the constructor's order
        "folder",
        "noun",
        "groups",
        "probe",
        "title",
        "apis",
        "requests",
        "answers",
        "callbacks",
        "events",
        "webhooks",
        "webhook_names",
        "claims",
        "apart",
        "sandbox_actions",
        "batches",
        "commands",
    )
    folder: str
    noun: str
    groups: Mapping[str, str]
    probe: tuple[str, str] | None
    title: str
    apis: Mapping[str, str]
    requests: tuple[str, ...]
    answers: tuple[str, ...]
    callbacks: tuple[str, ...]
    events: Mapping[str, str]
    webhooks: Mapping[str, tuple[str, str]]
    webhook_names: Mapping[str, str]
    claims: tuple[str, ...]
    apart: tuple[str, ...]
    sandbox_actions: str
    batches: Mapping[str, tuple[str, str]]
    commands: Mapping[str, Mapping[str, tuple[str, str, str]]]

    def __init__(
        self,
        *,
        folder: str,
        noun: str,
        title: str,
        apis: Mapping[str, str],
        groups: Mapping[str, str] | None = None,
        probe: tuple[str, str] | None = None,
        requests: tuple[str, ...] = (),
        answers: tuple[str, ...] = (),
        callbacks: tuple[str, ...] = (),
        events: Mapping[str, str] | None = None,
        webhooks: Mapping[str, tuple[str, str]] | None = None,
        webhook_names: Mapping[str, str] | None = None,
        claims: tuple[str, ...] = (),
        apart: tuple[str, ...] = (),
        sandbox_actions: str = "",
        batches: Mapping[str, tuple[str, str]] | None = None,
        commands: Mapping[str, Mapping[str, tuple[str, str, str]]] | None = None,
    ) -> None:
        self._hold(
            folder=folder,
            noun=noun,
            groups=groups or {},
            probe=probe,
            title=title,
            apis=apis,
            requests=requests,
            answers=answers,
            callbacks=callbacks,
            events=events or {},
            webhooks=webhooks or {},
            webhook_names=webhook_names or {},
            claims=claims,
            apart=apart,
            sandbox_actions=sandbox_actions,
            batches=batches or {},
            commands=commands or {},
        )

    @property
    def package(self) -> str:
        """Its package, such as `xendit.payout`."""
        return f"xendit.{self.folder}"

    def module(self, name: str) -> ModuleType:
        """A module of its folder. Raises ImportError when there is none."""
        return import_module(f"{self.package}.{name}")

    def optional_module(self, name: str) -> ModuleType | None:
        """The same, or None when the folder has no such module."""
        try:
            return self.module(name)
        except ModuleNotFoundError as error:
            if error.name != f"{self.package}.{name}":
                raise  # the module is there, and something that it needs is not
            return None

    @property
    def api_homes(self) -> dict[str, str]:
        """Its API classes, those for asyncio too, each with the module that it is imported from."""
        homes = {name: f"{self.package}.{module}" for name, module in self.apis.items()}
        return homes | {f"Async{name}": f"{self.package}.async_{module}" for name, module in self.apis.items()}

    @property
    def webhook_homes(self) -> dict[str, str]:
        """What `xendit.webhook` shows of it, each name with the module that it is imported from."""
        homes = dict.fromkeys(self.events.values(), f"{self.package}.webhook")
        return homes | {name: f"{self.package}.{module}" for name, module in self.webhook_names.items()}

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Its operations."""
        found: tuple[Operation, ...] = self.module("operations").OPERATIONS
        return found

    @property
    def model_homes(self) -> Mapping[str, str]:
        """Its models, enums and typed dicts, each with the module that it is imported from."""
        found: Mapping[str, str] = self.module("model").MODULES
        return found

    def limits(self, name: str) -> Any:
        """A value of its module `limits`, or an empty dict where it says nothing."""
        return getattr(self.optional_module("limits"), name, {})


def product_of(folder: str) -> Product:
    """What the product of a folder declares."""
    found: Product = import_module(f"xendit.{folder}.product").PRODUCT
    return found


def products() -> Iterator[Product]:
    """All products, each loaded when its turn comes."""
    for folder in PRODUCTS:
        yield product_of(folder)
