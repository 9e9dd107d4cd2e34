"""The models of all products by name, each loaded on first use. A name that two products have says where to import it.

Derived by docs/build.py; nothing is written here by hand.
"""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from xendit.invoice.model import *  # noqa: F403
else:
    from xendit.face import models_face

    __getattr__, __dir__ = models_face(__name__)
