"""Find the public calculation of a package: `catalogue/<id>/compute.py`.

The command line, the API and a calculator page call a package through `Calculator` and know none by name.
"""

import importlib
import importlib.util
import re
from collections.abc import Mapping
from typing import Any, Protocol, TextIO, cast

import attrs

from samspill.rules.errors import filled


@attrs.frozen
class Problem(Exception):  # noqa: N818 (says what is, not that it is an error)
    """What a caller must correct: the error object of the commands and the API.

    `said` and `advice` are msgids and `values` fills both; `more` counts the faults that are not told.
    """

    code: str
    said: str
    where: str
    advice: str
    values: Mapping[str, str] = attrs.field(factory=dict)
    more: int = 0

    @property
    def message(self) -> str:
        """What is wrong, in English, and how much else is."""
        said = filled(self.said, self.values)
        return f"{said} ({self.more} more)" if self.more else said

    @property
    def remedy(self) -> str:
        """What to do, in English."""
        return filled(self.advice, self.values)

    def as_error(self) -> dict[str, str]:
        """Give the error object `{code, message, where, remedy}`."""
        return {
            "code": self.code,
            "message": self.message,
            "where": self.where,
            "remedy": self.remedy,
        }


class Calculator(Protocol):
    """What `compute.py` of a package offers. Every function raises `Problem` on bad input."""

    def compute_json(
        self, term: str, obj: Mapping[str, Any], explain: bool = False, language: str = "nb"
    ) -> dict[str, Any]:
        """Calculate one case from its public input."""

    def limit_json(self, term: str, obj: Mapping[str, Any]) -> dict[str, Any]:
        """Give the highest income that still gives a payment."""

    def compute_csv(self, term: str, source: TextIO, target: TextIO) -> int:
        """Calculate a population, one row each; give the number of rows."""


def calculator(package_id: str, *, catalogue: str = "samspill.catalogue") -> Calculator:
    """Give the calculation of a package.

    Raises:
        Problem: no such package, or one that calculates nothing.
    """
    known = re.fullmatch(r"[a-z][a-z0-9_]*", package_id) is not None
    name = f"{catalogue}.{package_id}.compute"
    if not known or not _exists(name):
        raise Problem(
            "unknown_package",
            "No package %(package)s with rules.",
            "package",
            "List the packages with `samspill package list`.",
            {"package": repr(package_id)},
        )
    return cast("Calculator", importlib.import_module(name))


def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False
