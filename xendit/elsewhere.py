"""Names that programs import and this package does not have: Xendit's other products, and those of xendit-python 0.x.

A program that pays by invoice often imports another product's classes in the same file. Its imports work, its API
classes and models can be made, subclassed and named in annotations, and the first call of a method raises
UnsupportedException. NAMES is the one list of those names; a product that becomes real leaves it. The names of 0.x
that have no successor stand in ABSENT.
"""

from __future__ import annotations

import re
import sys

from xendit.exceptions import ApiKeyError, UnsupportedException
from xendit.policy import Value
from xendit.words import nearest, warn

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, NoReturn

    from xendit.api_client import ApiClient


class Names(Value):
    """The names of one product, as the official SDK 7.0.0 has them.

    Args:
        apis: the methods of each API class, separated by spaces.
        models: the models and enums, separated by spaces. The module of each is its name in lower case, with
            underscores: `CreatePayoutRequest` is in `create_payout_request`.
    """

    __slots__ = ("apis", "models")
    apis: dict[str, str]
    models: str

    def __init__(self, apis: dict[str, str], models: str) -> None:
        self._hold(apis=apis, models=models)


NAMES: dict[str, Names] = {
    "customer": Names(
        {
            "CustomerApi": """
                create_customer get_customer get_customer_by_reference_id update_customer
            """,
        },
        """
        AccountBank AccountCard AccountEwallet AccountOTC AccountPayLater AccountQRCode Address AddressRequest
        AddressStatus BusinessDetail CountryCode CreateCustomer400Response CreateCustomer400ResponseAllOf Customer
        CustomerRequest EmploymentDetail EndCustomerStatus Error GetCustomerByReferenceID200Response
        GetCustomerByReferenceID400Response GetCustomerByReferenceID400ResponseAllOf IdentityAccountRequest
        IdentityAccountRequestProperties IdentityAccountResponse IdentityAccountResponseProperties
        IdentityAccountType IndividualDetail KYCDocumentRequest KYCDocumentResponse KYCDocumentSubType
        KYCDocumentType PatchCustomer ResponseDataNotFound UpdateCustomer400Response
        UpdateCustomer400ResponseAllOf
        """,
    ),
    "payment_method": Names(
        {
            "PaymentMethodApi": """
                create_payment_method get_payment_method_by_id get_payments_by_payment_method_id
                patch_payment_method get_all_payment_methods expire_payment_method auth_payment_method
                simulate_payment
            """,
        },
        """
        BillingInformation Card CardChannelCode CardChannelProperties CardInstallmentConfiguration CardParameters
        CardParametersCardInformation CardVerificationResults CardVerificationResultsThreeDSecure
        CreatePaymentMethod409Response CreatePaymentMethod503Response DirectDebit DirectDebitAllOf
        DirectDebitBankAccount DirectDebitChannelCode DirectDebitChannelProperties DirectDebitDebitCard
        DirectDebitParameters DirectDebitType EWallet EWalletAccount EWalletChannelCode EWalletChannelProperties
        EWalletParameters GetAllPaymentMethods400Response GetAllPaymentMethods403Response
        GetAllPaymentMethods404Response GetAllPaymentMethodsDefaultResponse OverTheCounter
        OverTheCounterChannelCode OverTheCounterChannelProperties OverTheCounterChannelPropertiesUpdate
        OverTheCounterParameters OverTheCounterUpdateParameters PaymentMethod PaymentMethodAction
        PaymentMethodAuthParameters PaymentMethodCallback PaymentMethodCountry PaymentMethodExpireParameters
        PaymentMethodList PaymentMethodParameters PaymentMethodReusability PaymentMethodStatus PaymentMethodType
        PaymentMethodUpdateParameters QRCode QRCodeChannelCode QRCodeChannelProperties QRCodeParameters
        SimulatePaymentRequest TokenizedCardInformation VirtualAccount VirtualAccountAllOf
        VirtualAccountAlternativeDisplay VirtualAccountChannelCode VirtualAccountChannelProperties
        VirtualAccountChannelPropertiesPatch VirtualAccountParameters VirtualAccountUpdateParameters
        """,
    ),
    "payment_request": Names(
        {
            "PaymentRequestApi": """
                create_payment_request get_payment_request_by_id get_payment_request_captures
                get_all_payment_requests capture_payment_request authorize_payment_request
                resend_payment_request_auth simulate_payment_request_payment
            """,
        },
        """
        Capture CaptureList CaptureListResponse CaptureParameters Card CardChannelCode CardChannelProperties
        CardInformation CardInstallmentConfiguration CardParameters CardVerificationResults
        CardVerificationResultsThreeDSecure DirectDebit DirectDebitAllOf DirectDebitBankAccount
        DirectDebitChannelCode DirectDebitChannelProperties DirectDebitChannelPropertiesBankAccount
        DirectDebitChannelPropertiesBankRedirect DirectDebitChannelPropertiesDebitCard DirectDebitDebitCard
        DirectDebitParameters DirectDebitType EWallet EWalletAccount EWalletAllOf EWalletChannelCode
        EWalletChannelProperties EWalletParameters Error InvoicePartnerMetadata OverTheCounter
        OverTheCounterChannelCode OverTheCounterChannelProperties OverTheCounterParameters PaymentCallback
        PaymentCallbackData PaymentMethod PaymentMethodParameters PaymentMethodReusability PaymentMethodStatus
        PaymentMethodType PaymentRequest PaymentRequestAction PaymentRequestAuthParameters PaymentRequestBasket
        PaymentRequestBasketItem PaymentRequestCaptureMethod PaymentRequestCardVerificationResults
        PaymentRequestCardVerificationResultsThreeDeeSecure PaymentRequestChannelProperties PaymentRequestCountry
        PaymentRequestCurrency PaymentRequestInitiator PaymentRequestListResponse PaymentRequestParameters
        PaymentRequestParametersChannelProperties PaymentRequestParametersChannelPropertiesAllOf
        PaymentRequestShippingInformation PaymentRequestStatus PaymentSimulation QRCode QRCodeChannelCode
        QRCodeChannelProperties QRCodeParameters VirtualAccount VirtualAccountAllOf
        VirtualAccountAlternativeDisplay VirtualAccountChannelCode VirtualAccountChannelProperties
        VirtualAccountParameters
        """,
    ),
    "payout": Names(
        {
            "PayoutApi": """
                create_payout get_payout_by_id get_payout_channels get_payouts cancel_payout
            """,
        },
        """
        Channel ChannelAccountType ChannelAmountLimits ChannelCategory CreatePayoutRequest
        DigitalPayoutChannelProperties Error ErrorErrorsInner GetPayouts200Response GetPayouts200ResponseDataInner
        GetPayouts200ResponseLinks Payout PayoutAllOf ReceiptNotification
        """,
    ),
}
"""The names of each product by the package that they are imported from."""

_SENTENCE = (
    "this package has no methods for {product} yet, and nothing was sent; call that API by"
    ' ApiClient().request("POST", "/...", json={{...}}), or use xendit-python in an environment of its own, because both'
    " own the module xendit"
)
_told: set[str] = set()
"""The products that were warned of in this process."""
_made: dict[str, type[object]] = {}
"""The classes made so far, by their whole name: each name is one class, wherever it is imported from."""


def sentence_for(product: str) -> str:
    """What to say of a product that is not here."""
    return _SENTENCE.format(product=product.replace("_", " ") + "s")


def _tell_once(product: str, name: str) -> None:
    """Warn, once a process for each product, when an object is made that can do nothing."""
    if product not in _told:
        _told.add(product)
        warn(f"{name}: {sentence_for(product)}; calling its methods raises UnsupportedException")


def _refuse(name: str, product: str) -> NoReturn:
    raise UnsupportedException(f"{name}: {sentence_for(product)}", operation=name.rpartition(".")[2])


class OtherApi:
    """The base of the API classes of other products: every method raises UnsupportedException.

    Args:
        api_client: kept, and not used.
    """

    _product: str

    def __init__(self, api_client: ApiClient | None = None) -> None:
        _tell_once(self._product, type(self).__name__)
        self.api_client = api_client

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


class OtherModel:
    """The base of the models of other products: it keeps what it is given, unchecked, and is good for nothing more.

    Its repr shows no values, because they may be personal data.
    """

    _product: str

    def __init__(self, *values: object, **fields: object) -> None:
        _tell_once(self._product, type(self).__name__)
        if len(values) == 1:  # an enum, or the value of a list
            self.value = values[0]
        self.__dict__.update(fields)

    def __getitem__(self, name: str) -> Any:
        try:
            return self.__dict__[name]
        except KeyError:
            raise ApiKeyError(f"{type(self).__name__} has no field {name!r}", (name,)) from None

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def get(self, name: str, default: Any = None) -> Any:
        """A field that was given, or the default."""
        return self.__dict__.get(name, default)

    def to_dict(self) -> dict[str, object]:
        """The fields that were given."""
        return dict(self.__dict__)

    def __eq__(self, other: object) -> bool:
        return self.__dict__ == other.__dict__ if type(other) is type(self) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: a model that this package does not have>"

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


if TYPE_CHECKING:

    class CustomerApi(OtherApi):
        """Customers, as checkers and editors see them."""

    class PaymentMethodApi(OtherApi):
        """Payment methods, as checkers and editors see them."""

    class PaymentRequestApi(OtherApi):
        """Payment requests, as checkers and editors see them."""

    class PayoutApi(OtherApi):
        """Payouts, as checkers and editors see them."""


def module_of(name: str) -> str:
    """The module of a class, as openapi-generator names it: `GetPayouts200Response`, `get_payouts200_response`."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def _method(api: str, name: str, product: str) -> object:
    def method(*_: object, **__: object) -> NoReturn:
        _refuse(f"{api}.{name}", product)

    method.__name__, method.__qualname__ = name, f"{api}.{name}"
    method.__doc__ = f"Raises UnsupportedException: {sentence_for(product)}."
    return method


def class_of(product: str, name: str) -> type[object]:
    """The class of a name of the table.

    Raises:
        KeyError: the product has no such name.
    """
    names = NAMES[product]
    is_api = name in names.apis
    home = f"xendit.{product}.{'' if is_api else 'model.'}{module_of(name)}"
    if home not in _made:
        body: dict[str, object] = {
            "__module__": home,
            "__doc__": f"{name}: {sentence_for(product)}.",
            "_product": product,
        }
        if is_api:
            body.update({each: _method(name, each, product) for each in names.apis[name].split()})
        elif name not in names.models.split():
            raise KeyError(name)
        _made[home] = type(name, (OtherApi if is_api else OtherModel,), body)
    return _made[home]


def api_class(name: str) -> type[object] | None:
    """The stand-in for another product's API class, or None when there is no such class."""
    return next((class_of(product, name) for product, names in NAMES.items() if name in names.apis), None)


def api_names() -> list[str]:
    """The API classes of the other products."""
    return sorted(name for names in NAMES.values() for name in names.apis)


def stand_in(package: ModuleType) -> None:
    """Give the package of a product its names and its modules.

    The modules are not files, of which there would be some two hundred. They are entered into `sys.modules` when their
    package is imported. An import of one of them imports its package first, and then finds the module there.
    """
    product = package.__name__.rpartition(".")[2]
    names = NAMES[product]
    face = _module(package, product, "model", names.models.split(), is_package=True)
    for name in names.models.split():
        _module(face, product, module_of(name), [name])
    for name in names.apis:
        _module(package, product, module_of(name), [name])
    _fill(package, product, [*names.apis, *names.models.split()])


def _module(parent: ModuleType, product: str, name: str, classes: list[str], *, is_package: bool = False) -> ModuleType:
    """A module that is not a file, entered where import statements find it."""
    from importlib.machinery import ModuleSpec

    spec = ModuleSpec(f"{parent.__name__}.{name}", None, origin="xendit/elsewhere.py", is_package=is_package)
    module = type(sys)(spec.name, parent.__doc__)
    module.__spec__ = spec
    module.__package__ = spec.name if is_package else parent.__name__
    if is_package:
        module.__path__ = []
    _fill(module, product, classes)
    sys.modules[spec.name] = module
    setattr(parent, name, module)
    return module


def _fill(module: ModuleType, product: str, classes: list[str]) -> None:
    """Let a module make its classes when they are asked for."""

    def look_up(name: str) -> object:
        if name in classes:
            value = class_of(product, name)
            setattr(module, name, value)
            return value
        near = "" if name.startswith("_") else nearest(name, classes)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}{near}")

    def listed() -> list[str]:
        return sorted({*vars(module), *classes})

    held = vars(module)
    held["__getattr__"], held["__dir__"], held["__all__"] = look_up, listed, list(classes)


# ------------------------------------------------------------------------------------------ xendit-python 0.x


_WITHOUT_SUCCESSOR = """
Balance BalanceAccountType BatchDisbursement BatchDisbursementItem BillingInformation Card CardlessCredit
CardlessCreditItem CardlessCreditType CreditCard CreditCardCharge CreditCardChargeAddress
CreditCardChargeBillingDetails CreditCardChargeInstallment CreditCardChargePromotion CreditCardPromotion
CreditCardRefund DANAPayment DANAPaymentStatus DirectDebit DirectDebitCustomer DirectDebitCustomerAddress
DirectDebitPayment DirectDebitPaymentMethod DirectDebitPaymentMethodType DirectDebitToken Disbursement
DisbursementBank EWallet EWalletBasket EWalletCharge EWalletType HTTPClientInterface InvoiceBank
InvoiceRetailOutlet LinkAjaItem LinkAjaPayment LinkAjaPaymentStatus OVOPayment OVOPaymentStatus OverTheCounter
Payment PaymentMethod PaymentRequest Payout QRCode QRCodeType RecurringPayment Refund RetailOutlet VirtualAccount
VirtualAccountBank VirtualAccountPayment XenPlatform XenPlatformAccountType XenPlatformURLType XenditResponse
"""
ABSENT = frozenset(_WITHOUT_SUCCESSOR.split())
"""The names of 0.x that have no successor here: those of 0.2.2, and others that programs use."""

_CHANNELS = ("CardlessCredit", "CreditCard", "DirectDebit", "EWallet", "QRCode", "RetailOutlet", "VirtualAccount")
"""Names of channels whose payments an invoice takes too."""


def sentence_for_old(name: str) -> str:
    """What to do in place of a name of 0.x that is absent."""
    if name in _CHANNELS:
        return (
            "it is a name of xendit-python 0.x that this package does not have; an invoice takes such payments, so"
            " write xendit.set_api_key(...) and xendit.apis.InvoiceApi().create_invoice({...}) and send the payer to"
            " its invoice_url"
        )
    return (
        "it is a name of xendit-python 0.x that this package does not have; call that API by"
        ' ApiClient().request("POST", "/...", json={...}), or keep xendit-python in an environment of its own, because both'
        " own the module xendit"
    )


class Absent:
    """A name of 0.x that is not here. It can be imported, but calling it, or anything in it, raises UnsupportedException.

    Its attributes are of its kind too, because programs name members of enums and methods without calling them.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: object, **__: object) -> NoReturn:
        """Raise UnsupportedException, which says what to do."""
        raise UnsupportedException(f"{self._name}: {sentence_for_old(self._name.split('.')[1])}")

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # asked by tools that look at every object
            raise AttributeError(name)
        return Absent(f"{self._name}.{name}")

    def __mro_entries__(self, _: tuple[object, ...]) -> tuple[()]:
        """A class may derive from it, as from `HTTPClientInterface`; it inherits nothing."""
        return ()

    def __instancecheck__(self, _: object) -> bool:
        return False

    def __or__(self, other: object) -> object:
        return self

    __ror__ = __or__

    def __repr__(self) -> str:
        return f"<{self._name}: not in this package>"


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """The stand-in for a name of the tables: another product's API class, or a name of 0.x."""
        if name in ABSENT:
            return Absent(f"xendit.{name}")
        found = None if name.startswith("_") else api_class(name)
        if found is None:
            raise AttributeError(f"module 'xendit.elsewhere' has no attribute {name!r}")
        return found
