"""What a group of parties costs together: a structure of parts, or a cost given for each group.

Both answer the same three questions: what does this group cost, what does a party cost alone, and what
does it add when it comes last. Amounts are exact øre (`Fraction`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from itertools import combinations
from typing import Protocol

import attrs

#: With more parties than this the groups are too many to try every one (2^12 = 4096).
MOST_FOR_ALL = 12
_ZERO = Fraction(0)


class Game(Protocol):
    """Answer what groups of parties cost."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Name the parties in the order given."""
        ...

    def cost(self, group: Collection[str]) -> Fraction | None:
        """Return what a group costs, or None when it is not known."""
        ...

    def alone(self, party: str) -> Fraction | None:
        """Return what a party costs alone."""
        ...

    def marginal(self, party: str) -> Fraction | None:
        """Return what a party adds to the others together."""
        ...

    def groups(self) -> Iterator[tuple[str, tuple[str, ...]]] | None:
        """Name every group that can be tried, without that of all; None when they are too many."""
        ...


@attrs.frozen(kw_only=True)
class Structure:
    """Hold a joint cost as a sum of four parts.

    fixed: shared by all who take part. own: each party's own use. capacity: what the capacity costs that
    the party needs; together the largest need decides. vendor and adapters: one adapter for each system
    vendor in the group.
    """

    ids: tuple[str, ...]
    fixed: Fraction = _ZERO
    own: Mapping[str, Fraction] = attrs.field(factory=dict)
    capacity: Mapping[str, Fraction] = attrs.field(factory=dict)
    vendor: Mapping[str, str] = attrs.field(factory=dict)
    adapters: Mapping[str, Fraction] = attrs.field(factory=dict)

    def cost(self, group: Collection[str]) -> Fraction:
        """Return what a group costs; nobody costs nothing."""
        if not group:
            return _ZERO
        vendors = {self.vendor[party] for party in group if party in self.vendor}
        return (
            self.fixed
            + sum((self.own.get(party, _ZERO) for party in group), _ZERO)
            + max(self.capacity.get(party, _ZERO) for party in group)
            + sum((self.adapters.get(name, _ZERO) for name in vendors), _ZERO)
        )

    def alone(self, party: str) -> Fraction:
        """Return what a party costs alone."""
        return self.cost((party,))

    def marginal(self, party: str) -> Fraction:
        """Return what a party adds to the others together, without adding up the others."""
        if len(self.ids) == 1:
            return self.cost(self.ids)
        own = self.own.get(party, _ZERO)
        need = self.capacity.get(party, _ZERO)
        first, second = self._two_largest
        raises = need - second if need == first else _ZERO
        vendor = self.vendor.get(party, "")
        adapter = self.adapters.get(vendor, _ZERO) if self.users[vendor] == 1 else _ZERO
        return own + raises + adapter

    def groups(self) -> Iterator[tuple[str, tuple[str, ...]]] | None:
        """Name every group when the parties are few enough to try them all."""
        return _all_groups(self.ids) if len(self.ids) <= MOST_FOR_ALL else None

    @property
    def users(self) -> Mapping[str, int]:
        """Count the parties of each vendor."""
        return self._users

    _users: Mapping[str, int] = attrs.field(init=False, repr=False, eq=False)
    _two_largest: tuple[Fraction, Fraction] = attrs.field(init=False, repr=False, eq=False)

    @_users.default
    def _count_users(self) -> Mapping[str, int]:
        return Counter(self.vendor.values())

    @_two_largest.default
    def _find_two_largest(self) -> tuple[Fraction, Fraction]:
        needs = sorted((self.capacity.get(party, _ZERO) for party in self.ids), reverse=True)
        return (needs[0], needs[1]) if len(needs) > 1 else ((needs or [_ZERO])[0], _ZERO)


@attrs.frozen(kw_only=True)
class CoalitionCosts:
    """Hold a cost for each group that was given, with the name it was given by."""

    ids: tuple[str, ...]
    costs: Mapping[frozenset[str], Fraction]
    names: Mapping[frozenset[str], str] = attrs.field(factory=dict)

    def cost(self, group: Collection[str]) -> Fraction | None:
        """Return what a group costs, or None when it was not given."""
        return self.costs.get(frozenset(group)) if group else _ZERO

    def alone(self, party: str) -> Fraction | None:
        """Return what a party costs alone."""
        return self.cost((party,))

    def marginal(self, party: str) -> Fraction | None:
        """Return what a party adds to the others together."""
        together = self.cost(self.ids)
        others = self.cost([other for other in self.ids if other != party])
        return None if together is None or others is None else together - others

    def groups(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Name the groups that were given, by their own names."""
        for group in self.costs:
            if 0 < len(group) < len(self.ids):
                members = tuple(party for party in self.ids if party in group)
                yield self.names.get(group) or name_of(members), members


def name_of(members: Collection[str]) -> str:
    """Return the name of a group: letters together, longer names with a plus between.

    >>> name_of(["A", "B"]), name_of(["0301", "1103"])
    ('AB', '0301+1103')
    """
    return ("" if all(len(member) == 1 for member in members) else "+").join(members)


def _all_groups(ids: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for size in range(1, len(ids)):
        for members in combinations(ids, size):
            yield name_of(members), members
