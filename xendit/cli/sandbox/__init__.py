"""`xendit sandbox`: run a local Xendit, alone or beside an application, and steer it from another terminal."""

from __future__ import annotations

from xendit.cli.sandbox.group import sandbox

__all__ = ["sandbox"]
