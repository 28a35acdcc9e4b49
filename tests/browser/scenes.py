"""What stands when a browser test begins: people, sessions and cases, made through the rooms' doors.

Each function works on a running system's data, in a process of its own (`System.scene`): Django is set up with
the system's settings, and the registers answer from its sandbox. `python -m tests.browser.scenes NAME '{…}'`
calls one of `SCENES` and writes its answer as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
import sys
import uuid
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from samspill.cases.service import CaseView
    from samspill.kernel.actor import Actor
    from samspill.kernel.periods import Month

PACKAGE = "bostotte"
AGENCY = "942114184"
TRONDHEIM = "5001"
#: What a tenant answers whom the registers know well; what they have filled in is left as it is.
TENANT: dict[str, Any] = {
    "bor_i_boligen": True, "flere_bor_her": False, "medlemmer.relasjon": "child", "medlemmer.bor_her": True,
    "medlemmer.forstegangstjeneste": False, "medlemmer.studerer": False, "medlemmer.student_unntak": "ingen",
    "forstegangstjeneste": False, "studerer": False, "student_unntak": "ingen", "betaler_institusjon": False,
    "boligtype": "leilighet", "bofellesskap": False, "boforhold": "leie_privat", "egen_inngang": True,
    "eget_bad": True, "eget_kjokken": True, "utleier_navn": "Utleier AS", "utleier_familie": False,
    "husleie_mnd": 14000, "husleie_fra": "2024-02-01", "skriftlig_avtale": True, "oppvarming": "nei",
    "soker_tilpasset": False, "inntekt_stemmer": True, "refusjon_etterbetaling": False,
    "kapitalinntekt_aar": 0, "naeringsinntekt_aar": 0, "utenlandsinntekt_aar": 0, "nettoformue": 0,
    "medlemmer.kapitalinntekt_aar": 0, "medlemmer.naeringsinntekt_aar": 0, "medlemmer.utenlandsinntekt_aar": 0,
    "medlemmer.nettoformue": 0, "utenlandsk_pensjon": False, "skattefri_leieinntekt_mnd": 0,
    "formue_utilgjengelig": False, "har_konto": True, "kontonummer": "97100123456", "malform": "nb",
    "brev_pa_papir": False, "hvem_soker": "selv", "transport": False, "mobil": "40000000",
}  # fmt: skip
#: What a caseworker finds in each task.
JUDGED: dict[str, Any] = {
    "kommune_vedlegg": "fullstendig", "kommune_bosted": "stemmer",
    "kommune_bosted_begrunnelse": "Kontrollert mot Folkeregisteret.", "kommune_bolig_godkjent": True,
    "kommune_bolig_begrunnelse": "Boligen er godkjent.", "kommune_bofellesskap_egnet": True,
    "kommune_bofellesskap_begrunnelse": "Egnet.", "kommune_husleie_mnd": 8000,
    "kommune_student_unntak": "ingen", "kommune_avgifter_aar": 12000,
}  # fmt: skip
_ROUNDS = 8


# ── who ───────────────────────────────────────────────────────────────────────────────────


def person(national_id: str) -> uuid.UUID:
    """Give the row of a made-up person."""
    from samspill.identity import service as identity
    from samspill.kernel.ids import NationalId

    number = NationalId.parse(national_id, allow_synthetic=True, allow_real=False)
    assert isinstance(number, NationalId)
    return identity.person_for(number)


def number_of(name: str) -> str:
    """Give the national number of the applicant of a named case of the sandbox."""
    people = population()
    return str(people.persons[people.cases[name].applicant].national_id)


def population() -> Any:
    """Build the same people as the system's sandbox."""
    from samspill.sandbox.population import build

    return build(
        int(os.environ.get("SAMSPILL_SANDBOX_SEED", "1")),
        int(os.environ["SAMSPILL_SANDBOX_HOUSEHOLDS"]),
    )


def neighbours(number: str) -> list[str]:
    """Give the national numbers of those without a name of their own who could apply in a municipality."""
    people = population()
    named = {people.persons[case.applicant].national_id for case in people.cases.values()}
    found = []
    for one in people.applicants():
        home = people.household_of(one.national_id)
        if one.national_id not in named and home and home.dwelling.municipality_no == number:
            found.append(one.national_id)
    return found


def citizen(national_id: str, language: str = "nb") -> Actor:
    """Give an applicant as actor."""
    from samspill.kernel.actor import Actor
    from samspill.kernel.ids import new_id

    return Actor(
        kind="citizen", person_id=person(national_id), level="substantial", request_id=new_id().hex,
        language=language,
    )  # fmt: skip


def employee(
    *roles: str,
    number: str = "",
    org_no: str = "",
    serial: int = 0,
    services: tuple[str, ...] = ("*",),
) -> Actor:
    """Give an employee as actor: of a municipality by its number, or of another organisation."""
    from samspill.kernel.actor import Actor
    from samspill.kernel.ids import new_id
    from samspill.municipalities import service as municipalities
    from samspill.sandbox.population import STAFF

    place: Any = municipalities.current(number) if number else None
    return Actor(
        kind="employee", person_id=person(STAFF[serial].national_id),
        org_no=place.org_no if place else org_no, municipality_id=place.id if place else None,
        roles=frozenset(roles), level="high", request_id=new_id().hex, language="nb",
        services=frozenset(services),
    )  # fmt: skip


def session(actor: Actor, organisation: str = "") -> str:
    """Log somebody in, as a finished login is stored; return the cookie's value."""
    from samspill.identity.models import Session
    from samspill.identity.sessions import hashed
    from samspill.infra import clock

    token, now, units = secrets.token_urlsafe(32), clock.now(), []
    if actor.org_no:
        units = [{
            "org_no": actor.org_no, "name": organisation, "roles": sorted(actor.roles),
            "kind": "municipality" if actor.municipality_id else "agency",
            "municipality_id": str(actor.municipality_id or ""), "services": sorted(actor.services),
        }]  # fmt: skip
    Session.objects.create(
        token_hash=hashed(token), person_id=actor.person_id, profile=actor.kind, level="high", name=actor.name,
        units=units, org_no=actor.org_no or "", issuer="test", subject="test", started_at=now,
        last_seen_at=now,
    )  # fmt: skip
    return token


# ── what they did ─────────────────────────────────────────────────────────────────────────


def draft(actor: Actor, *, when: dt.datetime, answers: dict[str, Any] | None = None) -> Any:
    """Come to every page of a draft, answer what is asked there, and return the draft as it stands.

    What is missing on all the pages is saved at once, and again when the answers have brought more: a browser saves
    page by page in the journeys, here it would only take longer.
    """
    from samspill.cases import service as cases
    from samspill.infra import clock

    given = {**TENANT, **(answers or {})}
    with clock.frozen(when):
        view = cases.start_draft(actor, package_id=PACKAGE, language=actor.language)
        seen: set[str] = set()
        for _ in range(_ROUNDS):
            while page := next(
                (p for p in view.evaluation.pages if p.visible and p.key not in seen), None
            ):
                seen.add(page.key)
                view = cases.show_page(actor, draft_id=view.id, page=page.key)
            values = _answers_to(view, given)
            if not values:
                break
            saved = cases.save_fields(
                actor, draft_id=view.id, revision=view.revision, values=values
            )
            assert not isinstance(saved, cases.Conflict)
            view = saved
    return view


def _answers_to(view: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Give the answers to what the applicant is asked and has not answered."""
    return {
        item.id: given[_bare(item.id)]
        for item in view.evaluation.missing
        if item.kind == "field"
        and item.who == "applicant"
        and given.get(_bare(item.id)) is not None
    }


def applied(
    actor: Actor,
    *,
    when: dt.datetime,
    answers: dict[str, Any] | None = None,
    changed: dict[str, Any] | None = None,
    living_here: dict[str, Any] | None = None,
) -> uuid.UUID:
    """Send an application; `changed` are answers given over what a register had filled in.

    `living_here`: somebody who lives there too, written in by hand.
    """
    from samspill.cases import service as cases
    from samspill.infra import clock, pdf

    view = draft(actor, when=when, answers=answers)
    if living_here:
        row = f"medlemmer[{len(view.answers.get('medlemmer') or [])}]"
        changed = {
            **(changed or {}),
            "flere_bor_her": True,
            "husstand_forklaring": "Flyttet inn nå.",
        }
        changed |= {f"{row}.{name}": value for name, value in living_here.items()}
    with clock.frozen(when):
        if changed:
            saved = cases.save_fields(
                actor, draft_id=view.id, revision=view.revision, values=changed,
                reasons=dict.fromkeys(changed, "Fylt inn for hånd.") if living_here else None,
            )  # fmt: skip
            assert not isinstance(saved, cases.Conflict)
            view = saved
        for document in view.evaluation.documents:
            if document.demanded and not document.delivered and document.owed_by == "applicant":
                cases.attach(
                    actor, draft_id=view.id, document=document.id, filename="vedlegg.pdf",
                    content=pdf.render("= Vedlegg\nLaget for en prøve.", title="Vedlegg", language="nb"),
                )  # fmt: skip
        sent = cases.submit(
            actor, draft_id=view.id, idempotency_key=uuid.uuid4().hex,
            declared=tuple(view.package.form.declaration),
        )  # fmt: skip
    assert isinstance(sent, cases.Receipt), sent
    return sent.case_id


def _bare(path: str) -> str:
    head, bracket, rest = path.partition("[")
    return head + rest.partition("]")[2] if bracket else path


def caseworker(case_id: uuid.UUID) -> Actor:
    """Give a caseworker of the case's municipality."""
    from samspill.cases.models import Case
    from samspill.municipalities import service as municipalities

    place = municipalities.by_id(Case.objects.get(pk=case_id).municipality_id)
    assert place is not None
    return employee("municipality_caseworker", number=place.number)


def judged(
    case_id: uuid.UUID, *, when: dt.datetime | None = None, found: dict[str, Any] | None = None
) -> CaseView:
    """Let the municipality do its tasks; `found` is what it finds otherwise than in most cases."""
    from samspill.cases import service as cases
    from samspill.infra import clock

    worker = caseworker(case_id)
    with clock.frozen(when or clock.now()):
        view = cases.open_case(worker, case_id=case_id)
        for task in [t for t in view.tasks if t.mine and not t.done]:
            finds = {**JUDGED, **(found or {})}
            values = {field: finds[field] for field in task.fields if field in finds}
            done = cases.complete_task(
                worker, case_id=case_id, task_id=task.id, revision=view.revision, values=values,
                reason="Kontrollert.",
            )  # fmt: skip
            assert isinstance(done, cases.CaseView)
            view = done
    return view


def forwarded(
    case_id: uuid.UUID, *, when: dt.datetime | None = None, found: dict[str, Any] | None = None
) -> None:
    """Let the municipality do its tasks and pass the case on."""
    from samspill.cases import service as cases
    from samspill.infra import clock

    with clock.frozen(when or clock.now()):
        view = judged(case_id, when=when, found=found)
        cases.forward(caseworker(case_id), case_id=case_id, revision=view.revision)


def decided(term: Month) -> None:
    """Run a month now, and make the letters."""
    from samspill.cases import service as cases

    cases.run_term(PACKAGE, term)
    while cases.make_queued():
        pass


def on(term: Month, day: int) -> dt.datetime:
    """Give a day of a month, at ten."""
    from samspill.kernel.periods import OSLO

    return dt.datetime.combine(term.day(day), dt.time(10), tzinfo=OSLO)


# ── scenes of single tests ────────────────────────────────────────────────────────────────


def queue(*, number: str, cases: int) -> list[str]:
    """Let so many applications wait in a municipality: its people apply, again and again."""
    from samspill.infra import clock

    people = neighbours(number)
    now = clock.now()
    return [
        str(applied(citizen(people[at % len(people)]), when=now - dt.timedelta(days=1 + at % 9)))
        for at in range(cases)
    ]


def waiting(*, number: str, nth: int, changed: dict[str, Any] | None = None) -> dict[str, str]:
    """Let one who lives in a municipality apply three days ago; `changed` is answered over a register's word."""
    from samspill.infra import clock

    when = clock.now() - dt.timedelta(days=3)
    for national_id in neighbours(number)[nth:]:
        actor = citizen(national_id)
        if changed and not _filled_in(actor, set(changed), when):
            continue  # the register knows nothing of this one that could be changed
        return _told(national_id, applied(actor, when=when, changed=changed))
    message = f"nobody in {number} has {changed} from a register"
    raise LookupError(message)


def _filled_in(actor: Actor, wanted: set[str], when: dt.datetime) -> bool:
    """Tell whether registers fill in these fields for somebody; the draft it is seen in is thrown away."""
    from samspill.cases import service as cases

    view = draft(actor, when=when)
    told = {
        state.path
        for page in view.evaluation.pages
        for state in page.fields
        if state.register_value is not None
    }
    cases.discard_draft(actor, draft_id=view.id)
    return wanted <= told


def month(*, number: str) -> dict[str, Any]:
    """Let people of a municipality apply in the last month; all but the last are prepared for the agency.

    The first three want their letters in bokmål, nynorsk and English.
    """
    from samspill.infra import clock
    from samspill.kernel.periods import Month

    term = Month.of(clock.today()) - 1
    told = []
    languages = ("nb", "nn", "en", "nb", "nb", "nb", "nb")
    for nth, (national_id, language) in enumerate(
        zip(neighbours(number), languages, strict=False), start=1
    ):
        case_id = applied(
            citizen(national_id, language), when=on(term, nth), answers={"malform": language}
        )
        if nth < len(languages):
            forwarded(case_id, when=on(term, 10 + nth))
        told.append(_told(national_id, case_id))
    return {"term": str(term), "cases": told, "rejected": rejected(term, neighbours(number)[7:9])}


def rejected(term: Month, people: list[str]) -> dict[str, dict[str, str]]:
    """Prepare what the run will reject: one with a document missing (V09), one who lives with another adult (V48).

    The other adult is registered nowhere at the address.
    """
    partner = {
        "navn": "Jon Innflytter", "fodt": "1988-01-09", "relasjon": "other", "bor_her": True,
        "forstegangstjeneste": False, "studerer": False, "kapitalinntekt_aar": 0,
        "naeringsinntekt_aar": 0, "utenlandsinntekt_aar": 0, "nettoformue": 0,
    }  # fmt: skip
    incomplete = applied(citizen(people[0]), when=on(term, 8))
    forwarded(incomplete, when=on(term, 18), found={"kommune_vedlegg": "mangler"})
    unregistered = applied(citizen(people[1]), when=on(term, 9), living_here=partner)
    forwarded(unregistered, when=on(term, 19))
    return {"V09": _told(people[0], incomplete), "V48": _told(people[1], unregistered)}


def protected() -> dict[str, str]:
    """Let the one whose address is strictly protected apply."""
    from samspill.infra import clock

    national_id = number_of("protected_strictly")
    return _told(national_id, applied(citizen(national_id), when=clock.now()))


def person_without_case(*, number: str) -> str:
    """Give the national number of somebody in a municipality who has not applied, the last of its people."""
    return neighbours(number)[-1]


def who_trust_each_other(*, number: str, count: int = 3) -> list[dict[str, str]]:
    """Give some who live in a municipality and have no case: number, names and a login."""
    import attrs

    found = []
    for national_id in neighbours(number)[-count:]:
        one = population().person(national_id)
        name = f"{one.given} {one.family}"
        login = session(attrs.evolve(citizen(national_id), name=name))
        found.append({"number": national_id, "family": one.family, "name": name, "login": login})
    return found


def letter_with_code(*, mandate_id: str, number: str) -> str:
    """Make the letter with a code to the giver of a paper mandate; return the code that stands in it."""
    from itertools import cycle
    from unittest.mock import patch

    from samspill.mandates import service

    code = "KMBH2468"
    letters = cycle(code)
    actor = employee("municipality_leader", number=number, serial=3)
    with patch("samspill.mandates.service.paper.secrets.choice", lambda _of: next(letters)):
        content = service.print_letter(actor, mandate_id=uuid.UUID(mandate_id))
    assert content.startswith(b"%PDF")
    return code


def mandates_that_end() -> list[int]:
    """Let the day's job look after the mandates: tell of those that end soon."""
    from samspill.mandates import service

    return list(service.look_after())


def around_an_organisation(*, number: str) -> dict[str, dict[str, str]]:
    """Give one who trusts, one who helps, and an organisation of the sandbox with its general manager's login."""
    import attrs

    from samspill.sandbox.organisations import ORGANISATIONS, organisation_number

    national_id = number_of("couple_baerum")
    one = population().person(national_id)
    name = f"{one.given} {one.family}"
    login = session(attrs.evolve(citizen(national_id), name=name))
    title = next(each.name for each in ORGANISATIONS if each.key == "help")
    giver, helper = who_trust_each_other(number=number, count=5)[:2]
    led = {"org_no": organisation_number("help"), "title": title, "login": login}
    return {"giver": giver, "helper": helper, "led": led}


def _told(national_id: str, case_id: uuid.UUID) -> dict[str, str]:
    """Tell what a test needs to know of a case: whose, its number, and the applicant's login."""
    from samspill.cases.models import Application

    number = Application.objects.get(case_id=case_id).receipt_code
    login = session(citizen(national_id))
    return {"id": str(case_id), "number": number, "applicant": national_id, "login": login}


def samples() -> dict[str, str]:
    """Make everything that the accessibility walk looks at."""
    from tests.a11y import visits

    return visits.make(sys.modules[__name__])


SCENES = {
    "queue": queue, "waiting": waiting, "month": month, "person_without_case": person_without_case,
    "protected": protected, "samples": samples, "who_trust_each_other": who_trust_each_other,
    "letter_with_code": letter_with_code, "mandates_that_end": mandates_that_end,
    "around_an_organisation": around_an_organisation,
}  # fmt: skip


def main(arguments: list[str]) -> None:
    """Play a scene and write what it made."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
    django.setup()
    found = SCENES[arguments[0]](**json.loads(arguments[1]))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
