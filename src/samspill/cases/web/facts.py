"""What a register said, shown read-only on a page: in the package's words, person by person, row by row.

The package decides what is shown by having a word for it: `register.<lookup>.fact.<path>.label`, where the path
leads into the reply (`total`, `items.amount`). What it has no word for is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
from django.utils.translation import gettext as _

from samspill.cases.service import wording
from samspill.cases.service.values import DraftView
from samspill.packages.service import Package

_LABEL = ".label"


@attrs.frozen(kw_only=True)
class _Words:
    """The package's words for one look-up."""

    package: Package
    name: str
    language: str

    def find(self, path: str) -> str | None:
        return self.package.texts.find(f"register.{self.name}.fact.{path}", self.language)

    def paths(self) -> list[str]:
        """Return the labelled paths in the order that the package wrote them."""
        prefix = f"register.{self.name}.fact."
        texts = self.package.texts.languages.get(self.language) or {}
        return [
            key.removeprefix(prefix).removesuffix(_LABEL)
            for key in texts
            if key.startswith(prefix) and key.endswith(_LABEL)
        ]

    def value(self, path: str, value: Any) -> str:
        if isinstance(value, bool):
            return wording.yes_or_no(value)
        if isinstance(value, int | float):
            return wording.amount_text(value)
        text = str(value)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return wording.day_text(text)
        if re.fullmatch(r"\d{4}-\d{2}", text):
            return wording.month_text(text)
        if self._is_code(path):
            return self.find(f"{path}.option.{text}") or ""
        return text

    def _is_code(self, path: str) -> bool:
        prefix = f"register.{self.name}.fact.{path}.option."
        texts = self.package.texts.languages.get(self.language) or {}
        return any(key.startswith(prefix) for key in texts)


def fact_of(view: DraftView, name: str, language: str) -> dict[str, Any] | None:
    """Return a look-up in words with where and when it was fetched; None when there is no reply."""
    outcome = next((o for o in view.lookups if o.name == name), None)
    if outcome is None or outcome.status == "unavailable":
        return None
    words = _Words(package=view.package, name=name, language=language)
    if not words.paths():
        return None
    said = view.facts.get(name)
    replies = said if isinstance(said, list | tuple) else [said]
    groups = [group for reply in replies if isinstance(reply, Mapping)
              for group in [_group(words, view, reply)] if group["lines"] or group["rows"]]  # fmt: skip
    label = view.package.text(f"register.{name}.label", language)
    return {
        "title": words.find("title") or label,
        "groups": groups,
        "empty": words.find("empty") or _("The register has nothing about this."),
        "source": label,
        "at": outcome.fetched_at,
    }


def _group(words: _Words, view: DraftView, reply: Mapping[str, Any]) -> dict[str, Any]:
    """Return one person's reply: rows first, then what is said once."""
    rows: list[dict[str, Any]] = []
    lines: list[tuple[str, str]] = []
    for path in words.paths():
        head, _dot, rest = path.partition(".")
        content = reply.get(head)
        if isinstance(content, list | tuple):
            rows = rows or list(_rows(words, head, content))
        elif not rest and content is not None and (text := words.value(path, content)):
            lines.append((words.find(f"{path}{_LABEL}") or "", text))
    if not rows and _has_rows(words, reply):
        lines = []
    return {"who": _who(view, reply, words.language), "rows": rows, "lines": lines}


def _has_rows(words: _Words, reply: Mapping[str, Any]) -> bool:
    """Tell whether the reply is about rows, so that without them there is nothing to add up."""
    return any(
        isinstance(reply.get(path.partition(".")[0]), list | tuple) for path in words.paths()
    )


def _rows(words: _Words, head: str, content: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Return each row: what it is about, the rest in words, and its amount."""
    parts = [path for path in words.paths() if path.startswith(f"{head}.")]
    for row in content:
        told: list[str] = []
        amount = ""
        for path in parts:
            value = row.get(path.removeprefix(f"{head}.")) if isinstance(row, Mapping) else None
            text = "" if value is None else words.value(path, value)
            if isinstance(value, int | float) and not isinstance(value, bool):
                amount = text
            elif text:
                told.append(text)
        if told or amount:
            yield {"title": told[0] if told else "", "more": ", ".join(told[1:]), "amount": amount}


def _who(view: DraftView, reply: Mapping[str, Any], language: str) -> str:
    """Return whom a reply is about: "you", or the name that stands in the household."""
    key = reply.get("person")
    if key is None:
        return ""
    if key == "applicant":
        return _("You")
    for field in view.package.fields.values():
        rows = view.answers.get(field.id) if field.type == "list" else None
        for number, row in enumerate(rows or (), start=1):
            if isinstance(row, Mapping) and key in row.values():
                return wording.row_name(view.package, field, row, number, language)
    return _("Another person")
