"""Find an address by its first part: only the patterns that begin with it are tried, not all of the site's.

Django tries its patterns one after the other. With more than two hundred, that is most of what a small answer costs.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

Pattern = URLPattern | URLResolver


class ByFirstPart(URLResolver):
    """Resolves as the same patterns in a list would; the first part of an address chooses which are tried.

    Patterns whose own first part is a variable are tried for every address, in their place among the others.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        super().__init__(RoutePattern("", is_endpoint=False), list(_flat(patterns)))

    def resolve(self, path: str) -> ResolverMatch:
        """Return the match of the first pattern that fits.

        Raises:
            Resolver404: none does.
        """
        by_part, others = self._sorted
        for pattern in by_part.get(path.partition("/")[0], others):
            try:
                match = pattern.resolve(path)
            except Resolver404:
                continue
            if match is None:
                continue
            if isinstance(pattern, URLResolver):  # it tells its own part of the route only
                match.route = f"{pattern.pattern}{match.route}"
            return match
        raise Resolver404({"tried": [], "path": path})

    @functools.cached_property
    def _sorted(self) -> tuple[dict[str, list[Pattern]], list[Pattern]]:
        found = [(_first_part(pattern), pattern) for pattern in self.url_patterns]
        parts = {part for part, _ in found if part is not None}
        by_part = {
            part: [pattern for own, pattern in found if own is None or own == part]
            for part in parts
        }
        return by_part, [pattern for own, pattern in found if own is None]


class ReadLater(URLResolver):
    """The addresses under a beginning, whose module is imported when one of them is asked for, or made.

    The API is described by classes that a process which only shows pages never needs; they and their library are 9 MB.
    """

    def __init__(self, beginning: str, module: str, *, app_name: str, namespace: str) -> None:
        where = RoutePattern(beginning, is_endpoint=False)
        super().__init__(where, module, app_name=app_name, namespace=namespace)

    def _populate(self) -> None:
        """Let Django list the site's names without this; a name of this namespace is looked up here when it is made."""
        if "urlconf_module" in self.__dict__:
            super()._populate()

    @property
    def reverse_dict(self) -> Any:
        """The names under the beginning; asking for them imports the module."""
        assert self.urlconf_module is not None  # read now, so that there is something to list
        return super().reverse_dict


def _flat(patterns: Sequence[Any]) -> Iterator[Pattern]:
    """Give the patterns in their order; what is included without a beginning or a namespace of its own, opened."""
    for pattern in patterns:
        plain = isinstance(pattern, URLResolver) and not (pattern.namespace or pattern.app_name)
        if plain and not str(pattern.pattern) and not pattern.default_kwargs:
            yield from _flat(pattern.url_patterns)
        else:
            yield pattern


def _first_part(pattern: Pattern) -> str | None:
    """Give what every address of a pattern begins with, up to the first slash; None when that varies.

    >>> from django.urls import path
    >>> _first_part(path("soknad/<uuid:draft_id>/", print)), _first_part(path("", print))
    ('soknad', '')
    >>> _first_part(path("<slug:name>/", print)) is None
    True
    """
    if not isinstance(pattern.pattern, RoutePattern):
        return None
    part, slash, _ = str(pattern.pattern).partition("/")
    ends = bool(slash) or isinstance(pattern, URLPattern)
    return part if ends and "<" not in part else None
