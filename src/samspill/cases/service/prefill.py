"""Ask the registers that the package declares, and put into the draft what they say.

Asking is done outside transactions (`gather`), putting in inside (`apply`). The grade of address
protection is decided before anything is kept: under a protected or unknown grade no address, phone
or municipality of anybody in the case is stored (SP-22, SP-24).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from samspill.cases.domain import places, protection
from samspill.cases.models import Draft
from samspill.cases.service import place_fields, plan
from samspill.identity import service as identity
from samspill.infra import clock
from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import Actor
from samspill.kernel.ids import NationalId
from samspill.kernel.outcome import refuse
from samspill.kernel.periods import oslo_date
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages
from samspill.registers import service as registers

PERSON = "folkeregisteret.person"
HOUSEHOLD = "folkeregisteret.household"
_APPLICANT = "applicant"
_LEAVES = (str, int, float, type(None))

Entry = dict[str, Any]


@attrs.frozen(kw_only=True)
class Gathered:
    """What the registers said just now. `grade` is None when it was not asked for."""

    entries: Mapping[str, Entry]
    grade: str | None
    session: str


def gather(actor: Actor, package: packages.Package, draft: Draft, *, trigger: str) -> Gathered:
    """Ask the registers that are due: `start`, `page:<id>`, `open` (what failed) or `submit`."""
    session = _session(actor)
    names, needs_grade = _wanted(session, package, draft, trigger)
    if not names and not needs_grade:
        return Gathered(entries={}, grade=None, session=session)
    applicant = identity.national_id_of(
        draft.person_id, actor=actor, purpose=package.service.purpose
    )
    entries = ask(actor, package, draft, applicant, names)
    grade = _grade(actor, package, draft, applicant, entries) if needs_grade else None
    return Gathered(entries=entries, grade=grade, session=session)


def is_due_at_opening(actor: Actor, package: packages.Package, draft: Draft) -> bool:
    """Tell whether a register is to be asked when the draft is opened now."""
    return any(_wanted(_session(actor), package, draft, "open"))


def _wanted(
    session: str, package: packages.Package, draft: Draft, trigger: str
) -> tuple[list[str], bool]:
    """Give the look-ups that are due, and whether the grade of address protection is wanted."""
    names = _due(package, draft, trigger)
    needs_grade = trigger in ("start", "submit", "whole") or draft.protection == protection.UNKNOWN
    if trigger == "whole" and draft.protection != protection.UNKNOWN:
        needs_grade = bool(named_in(package, draft.answers))  # the applicant's came a moment ago
    return names, needs_grade or (trigger == "open" and draft.protection_session != session)


def ask(
    actor: Actor,
    package: packages.Package,
    draft: Draft,
    applicant: NationalId,
    names: Iterable[str],
) -> dict[str, Entry]:
    """Ask some look-ups, in the package's order, each knowing the replies before it."""
    _, on = plan.situation(package, clock.today())
    entries: dict[str, Entry] = {}
    for name in names:
        lookup = package.lookups[name]
        facts = known_facts({**draft.facts, **entries})
        answers = packages.prefill(package, draft.answers, facts, on=on, lookups=entries)
        persons = packages.persons_to_ask(package, name, answers, facts, on=on)
        entries[name] = _ask_one(actor, package, lookup, (applicant, draft.person_id), persons, on)
    return entries


def apply(package: packages.Package, draft: Draft, gathered: Gathered) -> None:
    """Put what was gathered into the draft; what a protected grade forbids never gets further.

    While the grade is unknown nothing new that tells of a place is kept; what was kept while it was
    known to be unprotected is only hidden, so that a register's bad hour destroys nobody's draft.
    """
    if gathered.grade is not None:
        draft.protection = gathered.grade
        draft.protection_checked_at = clock.now()
        draft.protection_session = gathered.session
    entries = dict(gathered.entries)
    draft.protection = protection.strictest([draft.protection, *_grades_in(entries)])
    if draft.protection == protection.UNKNOWN:
        entries = _without_places(entries)
    draft.facts = {**draft.facts, **entries}
    _fill(package, draft, entries)
    find_municipality(package, draft)
    if draft.protection != protection.UNKNOWN and protection.hides_address(draft.protection):
        forget_places(package, draft)


def find_municipality(
    package: packages.Package, draft: Draft, *, answers: Mapping[str, Any] | None = None
) -> None:
    """Set the dwelling's municipality on the situation date; none in the compartment (SP-24).

    `answers` are those that count, once it is known which do; all of the draft's before that.

    Under `fortrolig` the place is not kept, only which municipality prepares the case.
    """
    if protection.needs_compartment(draft.protection):
        draft.municipality_id = None
        return
    given = draft.answers if answers is None else answers
    number = places.municipality_no(given, package.fields, person_fact(package, draft))
    if number:
        _, on = plan.situation(package, clock.today())
        found = municipalities.on(number, on)
        draft.municipality_id = found.id if isinstance(found, municipalities.Municipality) else None
    elif not protection.hides_address(draft.protection):
        draft.municipality_id = None


def known_facts(facts: Mapping[str, Entry]) -> dict[str, Any]:
    """Give the data of the look-ups that were answered, by name."""
    return {name: entry["data"] for name, entry in facts.items() if _is_found(entry)}


def unavailable(package: packages.Package, facts: Mapping[str, Entry]) -> list[str]:
    """Name the look-ups that gave no answer and that the service waits for or stops at."""
    return [
        name
        for name, entry in facts.items()
        if name in package.lookups
        and entry.get("status") == "unavailable"
        and package.lookups[name].on_failure in ("wait", "stop")
    ]


def refuse_if_stopped(package: packages.Package, gathered: Gathered) -> None:
    """Refuse to go on when a register that the package cannot do without is down."""
    for name, entry in gathered.entries.items():
        if entry["status"] == "unavailable" and package.lookups[name].on_failure == "stop":
            raise refuse(
                "register_down",
                "A register that is needed here does not answer now. What you have saved is kept.",
                where=name,
                remedy="Try again in a while.",
                status=503,
            )


def _due(package: packages.Package, draft: Draft, trigger: str) -> list[str]:
    if trigger == "open":
        failed = [n for n, e in draft.facts.items() if e.get("status") == "unavailable"]
        if draft.protection == protection.UNKNOWN:  # replies kept then have lost their places
            failed = list(draft.facts)
        return [name for name in package.lookups if name in failed]
    if trigger == "submit":
        failed = [n for n, e in draft.facts.items() if e.get("status") == "unavailable"]
        return [n for n, k in package.lookups.items() if "submit" in k.when or n in failed]
    return [
        name
        for name, lookup in package.lookups.items()
        if _is_asked_at(lookup, trigger)
        and not _is_fresh(declaration_of(package, lookup), draft.facts.get(name))
    ]


def _is_asked_at(lookup: packages.Lookup, trigger: str) -> bool:
    """Tell whether a look-up is due; `whole` is every moment before a decision."""
    if trigger == "whole":
        return any(when != "decision" for when in lookup.when)
    return trigger in lookup.when


def _is_fresh(declaration: registers.Declaration, entry: Entry | None) -> bool:
    """Tell whether a reply in the draft still holds: it is from today, or within the package's time."""
    if entry is None or entry["status"] == "unavailable":
        return False
    fetched = dt.datetime.fromisoformat(entry["fetched_at"])
    return oslo_date(fetched) == clock.today() or clock.now() < fetched + declaration.keeps_for


def _ask_one(
    actor: Actor,
    package: packages.Package,
    lookup: packages.Lookup,
    who: tuple[NationalId, uuid.UUID],
    persons: Iterable[tuple[str, str | None]],
    on: dt.date,
) -> Entry:
    applicant, person_id = who
    declaration = declaration_of(package, lookup)
    if lookup.single:
        reply = registers.lookup(
            actor=actor,
            declaration=declaration,
            person=applicant,
            on=on,
            period=plan.period_of(lookup, on),
            person_id=person_id,
        )
        return _entry(reply)
    numbers = {key: _number(text) if text else applicant for key, text in persons}
    asked = {key: number for key, number in numbers.items() if number is not None}
    replies = registers.lookup_many(
        actor=actor,
        declaration=declaration,
        persons=list(asked.values()),
        on=on,
        period=plan.period_of(lookup, on),
    )
    return _entry_of_many({key: replies[number] for key, number in asked.items()})


def declaration_of(package: packages.Package, lookup: packages.Lookup) -> registers.Declaration:
    """Give the declaration that a look-up of a pinned package is made under (SP-01)."""
    return registers.Declaration(
        package_id=package.id,
        version=package.version,
        name=lookup.name,
        register=lookup.register,
        legal_basis=lookup.legal_basis,
        purpose=lookup.purpose,
        fresh_for=lookup.fresh_for,
        params=lookup.params,
    )


def _entry(reply: Any) -> Entry:
    if isinstance(reply, registers.Found):
        return {
            "status": "found",
            "data": dict(reply.data),
            "source": reply.source,
            "fetched_at": reply.fetched_at.isoformat(),
            "sha256": reply.sha256,
        }
    if isinstance(reply, registers.NotFound):
        return {
            "status": "not_found",
            "source": reply.source,
            "fetched_at": clock.now().isoformat(),
        }
    return {
        "status": "unavailable",
        "source": reply.source,
        "fetched_at": clock.now().isoformat(),
        "message_key": reply.message_key,
        "retry_after": reply.retry_after,
    }


def _entry_of_many(replies: Mapping[str, Any]) -> Entry:
    """Join the replies about several persons: all are there, or the look-up has failed."""
    entries = {key: _entry(reply) for key, reply in replies.items()}
    for entry in entries.values():
        if entry["status"] == "unavailable":
            return entry
    data = [
        {**entry["data"], "person": key}
        for key, entry in entries.items()
        if entry["status"] == "found"
    ]
    source = next((entry["source"] for entry in entries.values()), "")
    return {
        "status": "found" if data else "not_found",
        "data": data,
        "source": source,
        "fetched_at": clock.now().isoformat(),
        "sha256": sha256_of(data),
    }


def _number(text: str) -> NationalId | None:
    from django.conf import settings

    parsed = NationalId.parse(
        text,
        allow_synthetic=settings.SAMSPILL["allow_synthetic"],
        allow_real=settings.SAMSPILL["allow_real"],
    )
    return parsed if isinstance(parsed, NationalId) else None


def _grade(
    actor: Actor,
    package: packages.Package,
    draft: Draft,
    applicant: NationalId,
    entries: Mapping[str, Entry],
) -> str:
    """Find the strictest grade among everybody in the draft; what cannot be found is unknown."""
    asked = _person_reply(package, entries)
    if asked is None:
        return grade_of(actor, package, draft.answers, applicant, None)
    known = asked["data"].get("protection") if asked["status"] == "found" else None
    others = named_in(package, draft.answers)
    return protection.strictest([known, *_grades(actor, package, others)])


def grade_of(
    actor: Actor,
    package: packages.Package,
    answers: Mapping[str, Any],
    applicant: NationalId,
    reply: registers.Outcome | None,
) -> str:
    """Find the strictest grade among the applicant and everybody named in the answers."""
    persons = named_in(package, answers)
    if reply is None:
        return protection.strictest(_grades(actor, package, [applicant, *persons]))
    return protection.strictest([protection_of(reply), *_grades(actor, package, persons)])


def named_in(package: packages.Package, answers: Mapping[str, Any]) -> list[NationalId]:
    """Give the identity numbers of everybody whom the answers name, each once."""
    numbers = (_number(text) for text in _numbers_in(package, answers))
    return [number for number in numbers if number is not None]


def _grades(actor: Actor, package: packages.Package, persons: list[NationalId]) -> list[str | None]:
    if not persons:
        return []
    replies = registers.lookup_many(
        actor=actor, declaration=grade_declaration(package), persons=persons, on=clock.today()
    )
    return [protection_of(replies[person]) for person in persons]


def protection_of(reply: Any) -> str | None:
    """Give the grade that a reply about a person says; None when it says none."""
    return reply.data.get("protection") if isinstance(reply, registers.Found) else None


def grade_declaration(package: packages.Package) -> registers.Declaration:
    """Give the declaration that grades are asked for under.

    The package's own look-up of persons; the platform's duty where it has none.
    """
    for lookup in package.lookups.values():
        if lookup.register == PERSON:
            return declaration_of(package, lookup)
    return registers.Declaration(
        package_id=package.id,
        version=package.version,
        name="address_protection",
        register=PERSON,
        legal_basis="folkeregisterloven § 10-1, beskyttelsesinstruksen",
        purpose="Finne gradering av adresse",
    )


def _person_reply(package: packages.Package, entries: Mapping[str, Entry]) -> Entry | None:
    for name, entry in entries.items():
        lookup = package.lookups.get(name)
        if lookup is not None and lookup.register == PERSON and lookup.single:
            return entry
    return None


def person_fact(package: packages.Package, draft: Draft) -> Mapping[str, Any] | None:
    """Give what Folkeregisteret said about the applicant, or None."""
    entry = _person_reply(package, draft.facts)
    return entry["data"] if entry is not None and _is_found(entry) else None


def _numbers_in(package: packages.Package, answers: Mapping[str, Any]) -> list[str]:
    """Give the identity numbers that stand in the answers, each once."""
    found: dict[str, None] = {}
    for field in package.fields.values():
        _collect(field, answers.get(field.id), found)
    return list(found)


def _collect(field: packages.Field, value: Any, found: dict[str, None]) -> None:
    if value is None:
        return
    if field.type == "national_id" and isinstance(value, str):
        found[value] = None
    elif field.type == "person" and isinstance(value, Mapping):
        found[str(value.get("national_id", ""))] = None
    for row in value if isinstance(value, list) else [value]:
        if isinstance(row, Mapping):
            for sub in field.fields.values():
                _collect(sub, row.get(sub.id), found)


def _grades_in(entries: Mapping[str, Entry]) -> list[str | None]:
    """Find the grades that replies carry, of the persons asked about and of their household."""
    return [grade for entry in entries.values() for grade in _walk(entry.get("data"))]


def _walk(value: Any) -> Iterable[str | None]:
    if isinstance(value, Mapping):
        if "protection" in value:
            yield value["protection"]
        for inner in value.values():
            if not isinstance(inner, _LEAVES):
                yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def forget_places(package: packages.Package, draft: Draft) -> None:
    """Take everything that tells where anybody is out of the draft."""
    hidden = place_fields.of(package)
    draft.facts = _without_places(draft.facts)
    draft.answers = places.answers_without(draft.answers, hidden)


def _without_places(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    return {
        name: {**entry, "data": protection.without_places(entry.get("data"))}
        for name, entry in entries.items()
    }


def _fill(package: packages.Package, draft: Draft, entries: Mapping[str, Entry]) -> None:
    """Fill the fields that the replies know, leaving what the applicant has changed."""
    _, on = plan.situation(package, clock.today())
    filled = packages.prefill(
        package, draft.answers, known_facts(draft.facts), on=on, lookups=entries
    )
    changed = [
        key
        for key, value in filled.items()
        if value is not None and key not in draft.reasons and draft.answers.get(key) != value
    ]
    if changed:
        draft.answers = {**draft.answers, **{key: filled[key] for key in changed}}
        draft.revision = (draft.revision or 1) + 1
        stamps = dict.fromkeys(changed, draft.revision)
        draft.field_revisions = {**draft.field_revisions, **stamps}


def _is_found(entry: Any) -> bool:
    return bool(entry.get("status") == "found")


def _session(actor: Actor) -> str:
    return hashlib.sha256((actor.session_id or "").encode()).hexdigest()
