"""All models of the Invoice API by name, as `xendit.invoice.model` has them."""

from __future__ import annotations

from xendit.invoice import model as _model

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.model import *  # noqa: F403
else:
    __all__ = list(_model.MODULES)

    def __getattr__(name: str) -> object:
        return getattr(_model, name)


def __dir__() -> list[str]:
    return sorted(_model.MODULES)
