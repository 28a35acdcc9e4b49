"""The CEL evaluator without its command line.

The package `common-expression-language` loads its own terminal program whenever it is imported, and with it 11 MB of
terminal libraries in every process. An empty module is put in its place; the evaluator does not use it.
"""

from __future__ import annotations

import sys
from types import ModuleType

sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))

import cel  # noqa: E402 - only after its command line is out of the way

__all__ = ["cel"]
