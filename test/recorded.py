"""What several tests share: a key, the recorded bodies, and the classes that the package declares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xendit.invoice import model as face
from xendit.model import Model, OpenEnum

KEY = "xnd_development_this+is/NOT+a+real+key+0123456789abcdefghijklmn=="
"""A key of the right form that opens nothing."""
PAYLOADS = Path(__file__).parent / "payloads"
_CLASSES = [cls for name in face.MODULES if isinstance(cls := getattr(face, name), type)]
MODELS: list[type[Model]] = [cls for cls in _CLASSES if issubclass(cls, Model)]
ENUMS: list[type[OpenEnum]] = [cls for cls in _CLASSES if issubclass(cls, OpenEnum)]


def payload(name: str) -> Any:
    """A recorded body."""
    return json.loads((PAYLOADS / name).read_text("utf-8"))
