"""Do the chosen municipalities look like the country? Computed, said in plain words, and mended by a sample.

Dimensions: size, centrality (SSB, six classes), county, language (written form; Sámi administrative area), vendor
of the specialist system. For each: the country's share of municipalities and of people beside the chosen ones'.

    distance    half the sum of |chosen share − country share|: 0 is the country itself, 1 nothing in common
    by_chance   the distance a random choice of as many would have on average, exactly (hypergeometric mean deviation)
    missing     the classes nobody speaks for, with how many municipalities and people they are

The proposed sample is stratified by size (largest remainder, every class heard when there is room) and balanced over
the other dimensions by choosing, one at a time, whoever brings the whole nearest to the country, then by exchanges.
Ties are broken by a hash of the seed, so that not the same municipalities are asked every time.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import attrs

from samspill.kernel.outcome import refuse
from samspill.portfolio.domain.texts import noop as _

SIZE_BOUNDS = (2000, 5000, 10_000, 20_000, 50_000, 100_000)
SIZE_CLASSES = (
    "<2000", "2000-4999", "5000-9999", "10000-19999", "20000-49999", "50000-99999", ">=100000",
)  # fmt: skip
DIMENSIONS = ("size", "centrality", "county", "language", "vendor")
UNKNOWN = ""
_EXCHANGES = 3
_ROUNDING = 1e-9


@attrs.frozen
class Place:
    """One municipality with its class in each dimension; an empty class is one that is not known."""

    id: str
    name: str
    inhabitants: int
    classes: Mapping[str, str]


@attrs.frozen
class ClassShare:
    """One class of a dimension: how many municipalities and people it is, and how many were chosen."""

    name: str
    places: int
    people: int
    chosen: int
    place_share: float
    people_share: float
    chosen_share: float


@attrs.frozen
class Dimension:
    """One dimension compared: classes, distance, what chance would give, and whether it is known at all."""

    name: str
    classes: tuple[ClassShare, ...]
    distance: float
    by_chance: float
    known: bool

    @property
    def known_places(self) -> int:
        """How many municipalities have a class that is known."""
        return sum(one.places for one in self.classes if one.name != UNKNOWN)

    @property
    def missing(self) -> tuple[ClassShare, ...]:
        """The classes nobody speaks for, the most people first."""
        absent = [one for one in self.classes if one.chosen == 0 and one.name != UNKNOWN]
        return tuple(sorted(absent, key=lambda one: -one.people)) if self.known else ()

    @property
    def is_skewed(self) -> bool:
        """Tell whether the choice is further from the country than a random one would be."""
        return self.known and self.distance > self.by_chance * 1.25


@attrs.frozen
class Comparison:
    """The chosen municipalities beside the country."""

    chosen: tuple[Place, ...]
    places: int
    people: int
    chosen_people: int
    dimensions: tuple[Dimension, ...]

    @property
    def people_share(self) -> float:
        """The share of the country's people who live in the chosen municipalities (0–1)."""
        return self.chosen_people / self.people if self.people else 0.0


def size_class(inhabitants: int) -> str:
    """Return the size class of Statistics Norway.

    >>> size_class(1999), size_class(2000), size_class(724_290)
    ('<2000', '2000-4999', '>=100000')
    """
    return SIZE_CLASSES[sum(inhabitants >= bound for bound in SIZE_BOUNDS)]


def compare(country: Sequence[Place], chosen: Collection[str]) -> Comparison:
    """Return the chosen municipalities (ids) beside the country, in every dimension."""
    picked = tuple(one for one in country if one.id in chosen)
    return Comparison(
        chosen=picked,
        places=len(country),
        people=sum(one.inhabitants for one in country),
        chosen_people=sum(one.inhabitants for one in picked),
        dimensions=tuple(_dimension(name, country, picked) for name in DIMENSIONS),
    )


def _dimension(name: str, country: Sequence[Place], chosen: Sequence[Place]) -> Dimension:
    everywhere = Counter(_class(one, name) for one in country)
    people: Counter[str] = Counter()
    for one in country:
        people[_class(one, name)] += one.inhabitants
    spoken = Counter(_class(one, name) for one in chosen)
    total, heads, picked = len(country), sum(people.values()), len(chosen)
    known = any(key != UNKNOWN for key in everywhere)
    classes = tuple(
        ClassShare(
            name=key,
            places=everywhere[key],
            people=people[key],
            chosen=spoken[key],
            place_share=everywhere[key] / total,
            people_share=people[key] / heads if heads else 0.0,
            chosen_share=spoken[key] / picked if picked else 0.0,
        )
        for key in _in_order(name, everywhere)
    )
    distance = sum(abs(one.chosen_share - one.place_share) for one in classes) / 2
    chance = by_chance(list(everywhere.values()), picked)
    return Dimension(name, classes, distance if picked else 1.0, chance, known)


def _class(place: Place, name: str) -> str:
    return place.classes.get(name, UNKNOWN)


def _in_order(name: str, classes: Iterable[str]) -> list[str]:
    order = SIZE_CLASSES if name == "size" else ()
    rank = {key: at for at, key in enumerate(order)}
    return sorted(classes, key=lambda key: (key == UNKNOWN, rank.get(key, 0), key))


def by_chance(sizes: Sequence[int], chosen: int) -> float:
    """Return the mean distance of a random choice of `chosen` from classes of these sizes, exactly.

    The number from a class is hypergeometric; the mean of its absolute deviation is summed over its values.

    >>> round(by_chance([5, 5], 10), 3), round(by_chance([5, 5], 1), 3)
    (0.0, 0.5)
    """
    total = sum(sizes)
    if not chosen or not total:
        return 1.0
    whole = math.comb(total, chosen)
    spread = 0.0
    for size in sizes:
        share = size / total
        spread += sum(
            math.comb(size, k)
            * math.comb(total - size, chosen - k)
            / whole
            * abs(k / chosen - share)
            for k in range(max(0, chosen - (total - size)), min(size, chosen) + 1)
        )
    return spread / 2


def quotas(sizes: Mapping[str, int], wanted: int) -> dict[str, int]:
    """Return how many to choose from each class: in proportion, each class heard when there is room for all.

    Largest remainder; never more than a class has.

    >>> quotas({"a": 80, "b": 15, "c": 5}, 6)
    {'a': 4, 'b': 1, 'c': 1}
    """
    present = {key: size for key, size in sizes.items() if size}
    wanted = min(wanted, sum(present.values()))
    first = 1 if wanted >= len(present) else 0
    given = dict.fromkeys(present, first)
    left = wanted - first * len(present)
    total = sum(present.values())
    exact = {key: size / total * wanted for key, size in present.items()}
    for _step in range(left):
        room = [key for key in present if given[key] < present[key]]
        neediest = max(room, key=lambda key: exact[key] - given[key])
        given[neediest] += 1
    return given


def propose(
    country: Sequence[Place], *, wanted: int, keep: Collection[str] = (), seed: str = ""
) -> tuple[Place, ...]:
    """Return a stratified, balanced sample of `wanted` municipalities that holds those kept.

    Args:
        keep: ids of municipalities already chosen; they count towards the sample.
        seed: the same seed gives the same sample.

    Raises:
        RefusedError: `bad_sample_size` when `wanted` is below one, above the country, or below those kept.
    """
    kept = [one for one in country if one.id in keep]
    if not max(1, len(kept)) <= wanted <= len(country):
        raise refuse(
            "bad_sample_size",
            _("The sample must hold between %(least)s and %(most)s municipalities."),
            where="size",
            remedy=_("Choose another size."),
            values={"least": max(1, len(kept)), "most": len(country)},
        )
    strata = quotas(Counter(_class(one, "size") for one in country), wanted)
    for one in kept:
        strata[_class(one, "size")] = strata.get(_class(one, "size"), 0) - 1
    order = sorted(country, key=lambda one: hashlib.sha256(f"{seed}{one.id}".encode()).digest())
    balance = _Balance(country, wanted)
    chosen = _fill(order, kept, strata, balance, wanted)
    _exchange(order, chosen, {one.id for one in kept}, balance)
    return tuple(sorted(chosen, key=lambda one: one.name))


class _Balance:
    """How far a choice is from the country, kept up to date as municipalities come and go.

    The measure is the sum over dimensions of squared differences in number, each dimension weighing the same.
    """

    def __init__(self, country: Sequence[Place], wanted: int) -> None:
        self.target: dict[tuple[str, str], float] = {}
        self.weight: dict[str, float] = {}
        for name in DIMENSIONS:
            counts = Counter(_class(one, name) for one in country)
            self.weight[name] = float(len(counts)) if len(counts) > 1 else 0.0
            for key, count in counts.items():
                self.target[name, key] = count / len(country) * wanted
        self.have: Counter[tuple[str, str]] = Counter()

    def change(self, place: Place, by: int) -> float:
        """Return how much the distance grows if the place comes (+1) or goes (−1); below zero is better."""
        cost = 0.0
        for name in DIMENSIONS:
            key = (name, _class(place, name))
            now = self.have[key] - self.target[key]
            cost += self.weight[name] * ((now + by) ** 2 - now**2)
        return cost

    def put(self, place: Place, by: int) -> None:
        """Let the place come (+1) or go (−1)."""
        for name in DIMENSIONS:
            self.have[name, _class(place, name)] += by


def _fill(
    order: Sequence[Place],
    kept: Sequence[Place],
    strata: dict[str, int],
    balance: _Balance,
    wanted: int,
) -> list[Place]:
    chosen = list(kept)
    for one in kept:
        balance.put(one, 1)
    free = [one for one in order if one not in kept]
    while len(chosen) < wanted:
        open_strata = {key for key, left in strata.items() if left > 0}
        # A class nobody speaks for yet comes first: those kept may have used up what others were to have.
        unheard = open_strata - {_class(one, "size") for one in chosen}
        room = [one for one in free if _class(one, "size") in (unheard or open_strata)] or free
        best = min(room, key=lambda one: balance.change(one, 1))
        balance.put(best, 1)
        strata[_class(best, "size")] -= 1
        chosen.append(best)
        free.remove(best)
    return chosen


def _exchange(
    order: Sequence[Place], chosen: list[Place], fixed: Collection[str], balance: _Balance
) -> None:
    """Exchange one for another of the same size class as long as the whole comes nearer to the country."""
    for _round in range(_EXCHANGES):
        better = False
        for at, one in enumerate(chosen):
            if one.id in fixed:
                continue
            gain = balance.change(one, -1)
            balance.put(one, -1)
            inside = {other.id for other in chosen}
            peers = [
                other
                for other in order
                if other.id not in inside and _class(other, "size") == _class(one, "size")
            ]
            best = min(peers, key=lambda other: balance.change(other, 1), default=one)
            if gain + balance.change(best, 1) < -_ROUNDING:
                chosen[at], better = best, True
            balance.put(chosen[at], 1)
        if not better:
            return
