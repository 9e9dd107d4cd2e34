"""Writing a file so that it is complete or absent, even when the program is interrupted."""

from __future__ import annotations

import os
from contextlib import contextmanager
from threading import get_ident

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to. It gets its name when the block ends without an error; otherwise it is removed.

    Raises:
        OSError: it cannot be written; `filename` is the path that was given.
    """
    written = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    try:
        with written.open("wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        written.replace(path)
    except OSError as problem:
        if str(problem.filename) == os.fspath(written):  # which nobody has heard of; PyPy keeps the path as it is
            problem.filename, problem.filename2 = os.fspath(path), None
        raise
    finally:
        written.unlink(missing_ok=True)
