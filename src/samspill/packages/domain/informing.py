"""Who besides the applicant is told that data about them were fetched, by `inform:` in parties.yaml."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from samspill.packages.domain import model
from samspill.packages.domain.compiling import compile_package
from samspill.packages.domain.worlds import row_world, situation_on, world_of


@frozen
class Informed:
    """Hold one person to tell: of which party, with which letter, by which identity number."""

    party: str
    letter: str
    national_id: str = field(repr=False)


def persons_to_inform(
    package: model.Package, answers: Mapping[str, Any], facts: Mapping[str, Any], *, on: dt.date
) -> list[Informed]:
    """Return everybody to tell, each once for a letter.

    Somebody without an identity number, or for whom `when` is not surely met, is left out: nothing was
    fetched about them.
    """
    found: dict[tuple[str, str], Informed] = {}
    for party in package.parties.values():
        if party.inform and party.letter is not None:
            for number in _numbers(package, party, answers, facts, on):
                one = Informed(party.id, party.letter, number)
                found.setdefault((one.letter, one.national_id), one)
    return list(found.values())


def _numbers(
    package: model.Package,
    party: model.Party,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    on: dt.date,
) -> Iterator[str]:
    compiled, spec = compile_package(package), package.fields[party.who]
    when = compiled.at("parties.yaml", "parties", party.id, "when")
    world = world_of(compiled, answers, facts, on=situation_on(package, on))
    value = answers.get(party.who)
    if spec.type != "list":
        number = value.get("national_id") if isinstance(value, Mapping) else None
        if number and (when is None or when.ask(world) is True):
            yield str(number)
        return
    subs = [sub.id for sub in spec.fields.values() if sub.type == "national_id"]
    for row in value or []:
        number = (
            next((row[s] for s in subs if row.get(s)), None) if isinstance(row, Mapping) else None
        )
        if number and (when is None or when.ask(row_world(world, spec, row)) is True):
            yield str(number)
