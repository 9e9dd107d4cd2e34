"""Names that users import and this package does not have: each says what to write instead.

Other Xendit products, whose classes stand on users' import lines beside InvoiceApi, and names of
xendit-python 0.x. They import; their first call or attribute raises one sentence.
"""

from __future__ import annotations

from xendit.codec import nearest, warn
from xendit.exceptions import ApiAttributeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

PRODUCTS = {
    "BalanceApi": "balance_and_transaction",
    "CustomerApi": "customer",
    "PaymentMethodApi": "payment_method",
    "PaymentRequestApi": "payment_request",
    "PayoutApi": "payout",
    "RefundApi": "refund",
    "TransactionApi": "balance_and_transaction",
}
"""The classes of Xendit's other products and the module each stands in."""

_ONLY_INVOICES = (
    "this package holds Xendit's Invoice API only; call the other products over HTTP, or use xendit-python in an"
    " environment of its own, because both own the module xendit"
)
_INSTEAD = "write xendit.set_api_key(...) and xendit.apis.InvoiceApi().create_invoice({...})"
_OLD = {
    "BalanceAccountType": "this package holds Xendit's Invoice API only",
    "EWallet": "e-wallets are payment methods of an invoice: " + _INSTEAD,
    "Invoice": _INSTEAD + "; the model of an invoice is xendit.models.Invoice",
    "Xendit": _INSTEAD,
}


class Elsewhere:
    """A name that is not here. It can be imported and passed around; using it raises ApiAttributeError."""

    __slots__ = ("_name", "_sentence")

    def __init__(self, name: str, sentence: str) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_sentence", sentence)

    def _raise(self) -> NoReturn:
        """Say what to write instead."""
        raise ApiAttributeError(f"{self._name}: {self._sentence}")

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Raise the sentence."""
        self._raise()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked by tools that look at every object
            raise AttributeError(name)
        self._raise()

    def __repr__(self) -> str:
        return f"<{self._name}: not in this package>"


def product_class(name: str) -> Elsewhere:
    """The stand-in for another product's class, or AttributeError with the nearest name."""
    if name not in PRODUCTS:
        near = "" if name.startswith("_") else nearest(name, ["InvoiceApi", *PRODUCTS])
        raise AttributeError(f"module 'xendit.apis' has no attribute {name!r}{near}")
    return Elsewhere(f"xendit.apis.{name}", _ONLY_INVOICES)


def product_module(module: str) -> Callable[[str], Any]:
    """The `__getattr__` of a stand-in module: every attribute raises the sentence, when it is used."""

    def look_up(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module 'xendit.{module}' has no attribute {name!r}")
        return Elsewhere(f"xendit.{module}.{name}", _ONLY_INVOICES)

    return look_up


def old_name(name: str) -> Any:
    """What stands for a name of xendit-python 0.x, or None when it had no such name."""
    if name == "XenditError":
        from xendit.exceptions import XenditSdkException

        warn("xendit.XenditError is deprecated; write xendit.XenditSdkException", DeprecationWarning)
        return XenditSdkException
    return Elsewhere(f"xendit.{name}", "a name of xendit-python 0.x; " + _OLD[name]) if name in _OLD else None


def model_or_error(name: str) -> Any:
    """A model by its name at the top of the package, or AttributeError with the nearest name."""
    from xendit import __all__ as names
    from xendit.invoice import model

    if name in model.MODULES:
        return getattr(model, name)
    raise AttributeError(f"module 'xendit' has no attribute {name!r}{nearest(name, [*names, *model.MODULES])}")
