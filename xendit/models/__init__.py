"""All models of the Invoice API by name, as `xendit.invoice.model` has them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from xendit.invoice.model import *  # noqa: F403

from xendit.invoice import model as _model

__all__ = list(_model.__all__)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    return getattr(_model, name)


def __dir__() -> list[str]:
    return dir(_model)
