"""What several tests share: a key, the recorded bodies, and the classes that the package declares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xendit.model import Model, OpenEnum
from xendit.products import products

KEY = "xnd_development_this+is/NOT+a+real+key+0123456789abcdefghijklmn=="
"""A key of the right form that opens nothing."""
PAYLOADS = Path(__file__).parent / "payloads"
_NAMED = [getattr(product.module("model"), name) for product in products() for name in product.model_homes]
_CLASSES = [each for each in _NAMED if isinstance(each, type)]
MODELS: list[type[Model]] = [cls for cls in _CLASSES if issubclass(cls, Model)]
ENUMS: list[type[OpenEnum]] = [cls for cls in _CLASSES if issubclass(cls, OpenEnum)]


def payload(name: str) -> Any:
    """A recorded body."""
    return json.loads((PAYLOADS / name).read_text("utf-8"))
