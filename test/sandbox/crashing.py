"""A sandbox in a process of its own, on a file, that a test kills. Says where it is on its first line."""

from __future__ import annotations

import sys
import threading

from xendit.sandbox import Sandbox

with Sandbox(db=sys.argv[1]) as sandbox:
    print(sandbox.url, flush=True)
    threading.Event().wait()
