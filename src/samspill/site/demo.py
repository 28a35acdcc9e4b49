"""Demo data: the sandbox's people apply through the real services, and employees handle what comes in.

Nothing is written past the services: every draft is prefilled from the stand-ins over HTTP, checked for what is
missing, sent, judged and decided as a person would have done it, at the time it would have happened. How the
made-up people answer is data (`demo.yaml` beside a service).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import uuid
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import attrs
import yaml

import samspill.catalogue
from samspill.cases import service as cases
from samspill.identity import service as identity
from samspill.infra import clock, pdf
from samspill.kernel.actor import Actor
from samspill.kernel.ids import InvalidId, NationalId, new_id
from samspill.kernel.outcome import RefusedError
from samspill.kernel.periods import OSLO, Month
from samspill.municipalities import service as municipalities
from samspill.sandbox.people import Person
from samspill.sandbox.population import STAFF, Population, build
from samspill.site import demo_portfolio, demo_trial
from samspill.site.cli.io import Progress
from samspill.site.cli.language import spoken

Say = Callable[[str], None]
DEFAULT_PEOPLE = 48
_SEED = 2026
_ROUNDS = 6
_MONTHS_BACK = 2
_SHARE_LEFT_OPEN = 0.7


@attrs.frozen
class Loaded:
    """What the loading did."""

    applied: int
    decided_terms: list[str]
    left_out: int

    def with_(self, other: Loaded) -> Loaded:
        """Return both together."""
        return Loaded(
            self.applied + other.applied,
            [*self.decided_terms, *other.decided_terms],
            self.left_out + other.left_out,
        )


@attrs.frozen
class Habits:
    """How the made-up people of a service answer."""

    package_id: str
    profiles: list[dict[str, Any]]
    everybody: dict[str, Any]
    caseworker: dict[str, Any]
    pace_s: tuple[int, int]


def load_if_empty(*, say: Say) -> None:
    """Load the demo when no case is stored yet."""
    if _nobody_applied():
        say(spoken("Demo data: made-up people apply, municipalities prepare, the agency decides …"))
        load(people=None, seed=_SEED, say=say)


def load(*, people: int | None, seed: int, say: Say) -> Loaded:
    """Let so many households apply over the last months, handle most of it, and run the months' terms."""
    population = build(
        int(os.environ.get("SAMSPILL_SANDBOX_SEED", "1")),
        int(os.environ.get("SAMSPILL_SANDBOX_HOUSEHOLDS", "3000")),
    )
    chance = random.Random(seed)  # noqa: S311 - made-up people, not secrets
    found = Loaded(0, [], 0)
    for habits in _habits():
        leave: set[str] = set()
        if _nobody_applied():
            done, leave = _try_out(habits, population, seed, say)
            found = found.with_(done)
        plan = list(_plan(population, people or DEFAULT_PEOPLE, chance, leave=leave))
        done, _cases = _carry_out(habits, population, plan, chance, say)
        found = found.with_(done)
    return found


def _nobody_applied() -> bool:
    from samspill.infra.models import Event

    return not Event.objects.filter(type="ApplicationSubmitted").exists()


def _try_out(
    habits: Habits, population: Population, seed: int, say: Say
) -> tuple[Loaded, set[str]]:
    """Let the trial year of a service pass, if it has one; return what it did and who took part."""
    trial = demo_trial.of(habits.package_id, demo_portfolio.trial_year(clock.today()))
    if trial is None:
        return Loaded(0, [], 0), set()
    people = _ordinary(population)
    plan = demo_trial.plan(trial, people, lambda one: _lives_in(population, one), seed)
    chance = random.Random(f"trial/{seed}")  # noqa: S311 - made-up people, not secrets
    done, cases_of = _carry_out(habits, population, plan, chance, say)
    ended = demo_trial.end(trial, cases_of)
    values = {"year": trial.months[0].year, "cases": done.applied, "ended": ended}
    say(spoken("trial of %(year)s: %(cases)s cases, %(ended)s ended with it", **values))
    return done, {national_id for _month, _when, national_id in plan}


def _carry_out(
    habits: Habits,
    population: Population,
    plan: list[tuple[Month, dt.datetime, str]],
    chance: random.Random,
    say: Say,
) -> tuple[Loaded, list[tuple[Actor, uuid.UUID]]]:
    """Let the people of a plan apply, the municipalities handle it, and the months be decided."""
    cases_of: list[tuple[Actor, uuid.UUID]] = []
    show = Progress("demo", "applications")
    for number, (_month, when, person) in enumerate(plan, 1):
        case_id = _apply(habits, person, when, chance)
        if case_id:
            cases_of.append((_citizen(person), case_id))
            _handle(habits, case_id, _lives_in(population, person), when, chance)
        show(number, len(plan))
    show.done(f"{len(cases_of)} applications")
    terms = _run_terms(habits.package_id, plan, say)
    return Loaded(len(cases_of), terms, len(plan) - len(cases_of)), cases_of


def _habits() -> Iterator[Habits]:
    for path in sorted(Path(samspill.catalogue.__path__[0]).glob("*/demo.yaml")):
        data = yaml.safe_load(path.read_text())
        first, last = data["pace_s"]
        yield Habits(
            path.parent.name,
            data["profiles"],
            data["everybody"],
            data["caseworker"],
            (first, last),
        )


def _ordinary(population: Population, leave: AbstractSet[str] = frozenset()) -> list[Person]:
    """Return those who apply: the named people are left alone, for those who try the system."""
    alone = _named(population) | leave
    return [person for person in population.applicants() if person.national_id not in alone]


def _plan(
    population: Population, people: int, chance: random.Random, *, leave: AbstractSet[str]
) -> Iterator[tuple[Month, dt.datetime, str]]:
    """Yield (month, moment, national number): who applies when, oldest first, the present month last.

    Municipalities that have staff in the sandbox come first, so that there is something in every work list.
    """
    ordinary = _ordinary(population, leave)
    staffed = {n for member in STAFF for n in _numbers(member)}
    near = [p for p in ordinary if _lives_in(population, p.national_id) in staffed]
    far = [p for p in ordinary if _lives_in(population, p.national_id) not in staffed]
    first = next(_numbers(STAFF[0]))
    home = [p for p in near if _lives_in(population, p.national_id) == first][: people // 4]
    near = [p for p in near if p not in home]
    half = min(len(near), people * 2 // 3 - len(home))
    rest = people - half - len(home)
    chosen = home + chance.sample(near, half) + chance.sample(far, min(len(far), rest))
    chance.shuffle(chosen)
    now = Month.of(clock.today())
    for at, person in enumerate(chosen):
        month = now - (_MONTHS_BACK - at * (_MONTHS_BACK + 1) // len(chosen))
        last = min(20, clock.today().day) if month == now else 20
        moment = dt.time(chance.randint(7, 21), chance.randint(0, 59))
        day = month.day(chance.randint(1, max(1, last - 1)))
        yield month, dt.datetime.combine(day, moment, tzinfo=OSLO), person.national_id


def _named(population: Population) -> set[str]:
    return {population.persons[case.applicant].national_id for case in population.cases.values()}


def _lives_in(population: Population, national_id: str) -> str:
    household = population.household_of(national_id)
    return household.dwelling.municipality_no if household else ""


def _numbers(member: Any) -> Iterator[str]:
    for reportee in member.reportees:
        found = municipalities.by_org_no(reportee.org_no)
        if found is not None:
            yield found.number


def _person(national_id: str) -> uuid.UUID:
    parsed = NationalId.parse(national_id, allow_synthetic=True, allow_real=False)
    assert not isinstance(parsed, InvalidId)
    return identity.person_for(parsed)


def _citizen(national_id: str) -> Actor:
    return Actor(
        kind="citizen",
        person_id=_person(national_id),
        level="substantial",
        request_id=new_id().hex,
        language="nb",
    )


def _apply(
    habits: Habits, national_id: str, when: dt.datetime, chance: random.Random
) -> uuid.UUID | None:
    """Fill in page by page and send; None when it may not be sent (and then the draft is deleted)."""
    actor = _citizen(national_id)
    profile = chance.choices(habits.profiles, [p["weight"] for p in habits.profiles])[0]
    answers = {**habits.everybody, **profile["answers"]}
    try:
        with clock.frozen(when):
            view = cases.start_draft(actor, package_id=habits.package_id)
        view, when = _fill_in(actor, view, answers, when, chance)
        with clock.frozen(when):
            _attach(actor, view)
            outcome = cases.submit(
                actor,
                draft_id=view.id,
                idempotency_key=new_id().hex,
                declared=tuple(view.package.form.declaration),
            )
            if isinstance(outcome, cases.Receipt):
                return outcome.case_id
            cases.discard_draft(actor, draft_id=view.id)
    except RefusedError:
        return None
    return None


def _fill_in(
    actor: Actor, view: Any, answers: dict[str, Any], when: dt.datetime, chance: random.Random
) -> tuple[Any, dt.datetime]:
    """Go through the pages that show, as a person does: look, answer what is missing there, go on."""
    seen: set[str] = set()
    while True:
        page = next((p for p in view.evaluation.pages if p.visible and p.key not in seen), None)
        if page is None:
            return view, when
        seen.add(page.key)
        with clock.frozen(when):
            view = cases.show_page(actor, draft_id=view.id, page=page.key)
        for _ in range(_ROUNDS):
            values = _answers(view.evaluation.missing, answers, chance, page.id)
            if not values:
                break
            when += dt.timedelta(seconds=chance.randint(15, 80))
            with clock.frozen(when):
                saved = cases.save_fields(
                    actor, draft_id=view.id, revision=view.revision, values=values
                )
            view = saved.draft if isinstance(saved, cases.Conflict) else saved


def _answers(
    missing: Any, answers: dict[str, Any], chance: random.Random, page: str
) -> dict[str, Any]:
    values = {}
    for item in missing:
        key = _without_row(item.id)
        asked = item.kind == "field" and item.who == "applicant" and item.page_id == page
        if asked and answers.get(key) is not None:
            values[item.id] = _drawn(answers[key], chance)
    return values


def _without_row(path: str) -> str:
    head, bracket, rest = path.partition("[")
    return head + rest.partition("]")[2] if bracket else path


def _drawn(value: Any, chance: random.Random) -> Any:
    if isinstance(value, list):
        if all(isinstance(end, int) for end in value):
            return round(chance.randint(*value), -2)
        return chance.choice(value)
    return value


def _attach(actor: Actor, view: Any) -> None:
    for document in view.evaluation.documents:
        if document.demanded and not document.delivered and document.owed_by == "applicant":
            content = pdf.render("= Vedlegg\nLaget for demo.", title="Vedlegg", language="nb")
            cases.attach(
                actor,
                draft_id=view.id,
                document=document.id,
                content=content,
                filename="vedlegg.pdf",
            )


def _handle(
    habits: Habits,
    case_id: uuid.UUID,
    municipality_no: str,
    when: dt.datetime,
    chance: random.Random,
) -> None:
    """Let the municipality judge the case some days later, and pass it on; some wait for those who try."""
    if Month.of(when.date()) == Month.of(clock.today()) and chance.random() < _SHARE_LEFT_OPEN:
        return
    later = when + dt.timedelta(days=chance.randint(1, 3), minutes=chance.randint(3, 300))
    if later > clock.now():
        return
    worker = _caseworker(municipality_no)
    if worker is None:
        return
    with clock.frozen(later), contextlib.suppress(RefusedError):
        _judge(habits, worker, case_id, later, chance)


def _judge(
    habits: Habits, worker: Actor, case_id: uuid.UUID, later: dt.datetime, chance: random.Random
) -> None:
    """Do every task of the municipality, and pass the case on. A case hidden from ordinary staff is left."""
    view = cases.open_case(worker, case_id=case_id)
    for task in view.tasks:
        later += dt.timedelta(seconds=chance.randint(*habits.pace_s))
        values = {
            field: _drawn(habits.caseworker[field], chance)
            for field in task.fields
            if habits.caseworker.get(field) is not None
        }
        if task.done or not task.mine or not values:
            continue
        with clock.frozen(later):
            judged = cases.complete_task(
                worker,
                case_id=case_id,
                task_id=task.id,
                revision=view.revision,
                values=values,
                reason="Kontrollert.",
            )
            view = judged if isinstance(judged, cases.CaseView) else view
    with clock.frozen(later + dt.timedelta(seconds=30)):
        cases.forward(worker, case_id=case_id, revision=view.revision)


def _caseworker(municipality_no: str) -> Actor | None:
    place = municipalities.current(municipality_no)
    if not isinstance(place, municipalities.Municipality):
        return None
    return Actor(
        kind="employee",
        person_id=_person(STAFF[0].national_id),
        org_no=place.org_no,
        municipality_id=place.id,
        roles=frozenset({"municipality_caseworker"}),
        level="high",
        request_id=new_id().hex,
    )


def _run_terms(package_id: str, plan: list[Any], say: Say) -> list[str]:
    """Run every term whose month is over, at the time it would have been run."""
    done = []
    now = Month.of(clock.today())
    for month in sorted({month for month, _when, _person in plan}):
        if month >= now:
            continue
        with clock.frozen((month + 1).day(8)):
            summary = cases.run_term(package_id, month)
        values = {"term": month, "decided": summary.decided, "held": summary.held}
        say(spoken("term %(term)s: %(decided)s decided, %(held)s held", **values))
        done.append(str(month))
    return done


def introductions(address: str, language: str) -> list[str]:
    """Return lines that say whom one can be in the sandbox, in nb, nn or en."""
    population = build(int(os.environ.get("SAMSPILL_SANDBOX_SEED", "1")), 1)
    lines = [spoken("Be a citizen (log in with MinID or BankID, no passwords):")]
    for name in list(population.cases)[:4]:
        case = population.cases[name]
        person = population.persons[case.applicant]
        lines.append(f"  {person.name}: {case.shows[language]}")
    lines.append(spoken("Be an employee:"))
    agency = [member for member in STAFF if "Husbanken" in member.title]
    lines += [f"  {member.name}: {member.title}" for member in (*STAFF[:2], *agency)]
    where = f"{address}/logg-inn/"
    lines.append(spoken("All of them are on the login page: %(address)s", address=where))
    return lines
