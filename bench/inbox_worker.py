"""One contender of bench/inbox.py in a process of its own: `inbox_worker.py CONTENDER URL`, one JSON command a line."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "contenders")


def memory() -> int:
    """The memory that this process holds, in bytes."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def main(name: str, url: str) -> None:
    """Do what is asked for, until the input ends."""
    contender: Any = importlib.import_module(f"inbox_{name}").Contender(url)
    for line in sys.stdin:
        command: dict[str, Any] = json.loads(line)
        what = command.pop("do")
        if "body" in command:
            command["body"] = command["body"].encode()
        arguments = list(command.values())
        result = memory() if what == "memory" else getattr(contender, what)(*arguments)
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
