"""Planting a defect: the module is loaded from a changed source, by whoever imports it from then on."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType, ModuleType

    from world.defects import Defect


class _Loader(SourceFileLoader):
    """Loads a module with a text replaced. It reads no bytecode and writes none."""

    def __init__(self, name: str, path: str, defect: Defect) -> None:
        super().__init__(name, path)
        self.defect = defect

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        source = self.get_data(path).decode("utf-8")
        count = source.count(self.defect.old)
        if count != 1:
            raise ImportError(f"the text of the defect {self.defect.name!r} stands {count} times in {path}, not once")
        return compile(source.replace(self.defect.old, self.defect.new), path, "exec")


class _Finder(MetaPathFinder):
    """Finds the one module that has the defect."""

    def __init__(self, defect: Defect) -> None:
        self.defect = defect

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self.defect.module:
            return None
        spec: Any = PathFinder.find_spec(fullname, path, target)
        spec.loader = _Loader(fullname, spec.origin, self.defect)
        return spec


def plant(defect: Defect) -> None:
    """Have a module be loaded with a defect. Raises RuntimeError when it was loaded already."""
    if defect.module in sys.modules:
        raise RuntimeError(f"{defect.module} is loaded already; a defect needs a process of its own")
    sys.meta_path.insert(0, _Finder(defect))
