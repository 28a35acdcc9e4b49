"""A municipality's settings: are they within what the package allows, and do they hold for another version?"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from samspill.packages.domain import model
from samspill.packages.domain.shapes import or_list


@frozen
class SettingFault:
    """A setting that cannot stand: which, why, what to do, and the law that limits it."""

    key: str
    message: str
    remedy: str
    law: str = ""


def setting_fault(setting: model.Setting, value: Any) -> str:
    """Say why a value cannot be set, or nothing."""
    if not _is_kind(setting.type, value):
        return f"{value!r} is not {_KINDS[setting.type]}."
    if setting.type == "choice" and value not in setting.options:
        return f"{value!r} is not among {or_list(setting.options)}."
    if setting.min is not None and value < setting.min:
        return f"{value} is under {setting.min}."
    if setting.max is not None and value > setting.max:
        return f"{value} is over {setting.max}."
    if setting.max_length is not None and len(value) > setting.max_length:
        return f"It is longer than {setting.max_length} signs."
    return ""


_KINDS: Final = {
    "integer": "a whole number", "decimal": "a number", "amount": "an amount", "boolean": "true or false",
    "text": "a text", "choice": "one of the choices", "date": "a date (2026-08-01)",
}  # fmt: skip


def _is_kind(kind: str, value: Any) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("decimal", "amount", "integer"):
        allowed = int if kind == "integer" else (int, float)
        return isinstance(value, allowed) and not isinstance(value, bool)
    if kind == "date":
        try:
            return isinstance(value, str) and bool(dt.date.fromisoformat(value))
        except ValueError:
            return False
    return isinstance(value, str)


def faults_in(package: model.Package, values: Mapping[str, Any]) -> Iterator[SettingFault]:
    """Give everything that is wrong with a municipality's values for a version of a package."""
    for key, value in values.items():
        setting = package.settings.get(key)
        if setting is None:
            known = or_list(sorted(package.settings)) if package.settings else "nothing"
            yield SettingFault(
                key,
                f"{package.id} {package.version} lets nobody set {key!r}.",
                f"It lets you set {known}.",
            )
            continue
        message = setting_fault(setting, value)
        if message:
            law = package.law(setting.law)
            yield SettingFault(key, message, _limits(setting), str(law) if law else "")


def _limits(setting: model.Setting) -> str:
    if setting.options:
        return f"Choose {or_list(setting.options)}."
    if setting.min is not None or setting.max is not None:
        low, high = ("…" if limit is None else limit for limit in (setting.min, setting.max))
        return f"Choose a value from {low} to {high}."
    return f"Give {_KINDS[setting.type]}."


_COMPARISON: Final = re.compile(r"(>=|<=|>|<|==)?\s*(\d+(?:\.\d+){0,2})")


def version_tuple(text: str) -> tuple[int, ...]:
    """Read a version so that it can be compared.

    >>> version_tuple("2.10.0") > version_tuple("2.9")
    True
    """
    parts = [int(part) for part in text.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def is_version_range(text: str) -> bool:
    """Tell whether a text is a range such as `>=2.1 <3`."""
    return bool(text.strip()) and not _COMPARISON.sub("", text).strip(" ,")


def within(version: str, versions: str) -> bool:
    """Tell whether a version is within a range (`>=2.1 <3`); all parts must hold.

    >>> within("2.4.0", ">=2.1 <3"), within("3.0.0", ">=2.1 <3")
    (True, False)
    """
    have = version_tuple(version)
    for sign, text in _COMPARISON.findall(versions):
        want = version_tuple(text)
        holds = {">=": have >= want, "<=": have <= want, ">": have > want, "<": have < want}.get(
            sign, have == want
        )
        if not holds:
            return False
    return True
