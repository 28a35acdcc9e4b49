"""A library that is large and that most processes never use, read when something of it is first asked for.

numpy and scipy take 13 MB of each process that imports them. Only those who simulate, optimise or calculate for a
population use them, but their modules are imported with the addresses of every web process.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from types import ModuleType
from typing import Any

_reading = threading.RLock()


class _Later(ModuleType):
    """Stands for a library until something of it is asked for, and hands on what it has from then on."""

    def __getattr__(self, name: str) -> Any:
        with _reading:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]  # now the library itself takes its place
            found = getattr(importlib.import_module(self.__name__), name)
        self.__dict__[name] = found
        return found


def read_later(*libraries: str) -> None:
    """Let `import LIBRARY` cost nothing until something of it is used; called before it is imported.

    >>> read_later("tabnanny")
    >>> import tabnanny
    >>> "check" in vars(tabnanny), callable(tabnanny.check), "check" in vars(tabnanny)
    (False, True, True)
    """
    for name in libraries:
        if name not in sys.modules:
            sys.modules[name] = _Later(name)


def read_parts(package: str) -> None:
    """Let a part of a package be imported without the package itself, which is read when something of it is used.

    >>> read_parts("curses")
    >>> from curses.ascii import isdigit
    >>> isdigit("7"), type(sys.modules["curses"]).__name__
    (True, '_Later')
    """
    found = None if package in sys.modules else importlib.util.find_spec(package)
    if found is not None:
        stand_in = _Later(package)
        stand_in.__path__ = list(found.submodule_search_locations or ())
        sys.modules[package] = stand_in
