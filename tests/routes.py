"""Every address of the site, read from the URL resolver, so that a new one is tried the day it is added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs
from django.urls import URLPattern, URLResolver, get_resolver

from samspill.identity.service import rule_of


@attrs.frozen
class Route:
    """An address of the site: its pattern, its name, its view and what stands in it."""

    pattern: str
    name: str
    view: Any
    parts: tuple[str, ...]

    @property
    def roles(self) -> frozenset[str]:
        """The roles that its view asks for."""
        rule = rule_of(self.view)
        return rule.roles if rule else frozenset({"no rule"})

    def address(self, values: Mapping[str, str]) -> str:
        """The address with values in it."""
        found = self.pattern
        for part in self.parts:
            start = found.index("<")
            found = found[:start] + values[part] + found[found.index(">") + 1 :]
        return f"/{found}"


def routes() -> list[Route]:
    """Every address; the JSON API's are its own."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(entries: list[Any], prefix: str) -> Iterator[Route]:
    for entry in entries:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if entry.namespace != "api":
                yield from _walk(entry.url_patterns, pattern)
        else:
            assert isinstance(entry, URLPattern)
            yield Route(pattern, entry.name or "", entry.callback, tuple(entry.pattern.converters))
