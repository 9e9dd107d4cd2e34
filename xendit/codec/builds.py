"""Which kind of Python this is, asked once. No I/O.

On a free-threaded build two things that cost nothing elsewhere make threads wait for each other: assigning
`__class__`, which stops all of them, and sharing one JSON decoder. There other ways are taken.
"""

from __future__ import annotations

import sys

FREE_THREADED: bool = sys.version_info >= (3, 13) and "free-threading" in sys.version
"""Whether this Python was built without a global lock. `sys.version` says so, as Python's documents promise; asking
`sysconfig` would cost a third of our whole import. The build decides and not `sys._is_gil_enabled()`: a class is
assigned in the expensive way there even while an extension module has switched the lock on."""
