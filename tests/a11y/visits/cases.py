"""The pages of `cases`: the applicant's, the municipality's, the agency's."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from typing import Any

from tests.a11y.visits import TRONDHEIM, page, sample

_MUNICIPALITY = ("caseworker", "leader", "counter")
_AGENCY = ("agency", "agency leader", "cleared at the agency")
_STAFF = (*_MUNICIPALITY, *_AGENCY)

PAGES = {
    "service": page("nobody", "citizen", package_id="bostotte"),
    "application-missing": page("citizen with a draft", draft_id=sample("draft")),
    "application-review": page("citizen with a draft", draft_id=sample("draft")),
    "application-discard": page("citizen with a draft", draft_id=sample("draft")),
    "application-page": [
        *page("citizen with a draft", draft_id=sample("draft"), page="adresse"),
        *page("citizen with a draft", draft_id=sample("draft"), page="husstand"),
        *page("citizen with a draft", draft_id=sample("draft"), page="inntekt"),
    ],
    "receipt": page("citizen", case_id=sample("case.decided")),
    "verify": page("nobody"),
    "my-page": page("citizen", "citizen with a draft"),
    "my-case": [
        *page("citizen", case_id=sample("case.decided")),
        *page("citizen", case_id=sample("case.asked")),
    ],
    "my-case-appeal": page(
        "citizen", case_id=sample("case.decided"), decision_id=sample("decision")
    ),
    "my-case-stop": page("citizen", case_id=sample("case.asked")),
    "letter": [
        *page("citizen", letter_id=sample("letter")),
        *page("citizen", letter_id=sample("letter.nn")),
        *page("caseworker", "agency", letter_id=sample("letter")),
    ],
    "work-list": [
        *page(*_MUNICIPALITY),
        *page("caseworker", query="?forfalt=1&mine=1"),
        *page("cleared at the agency"),
    ],
    "paper": page(*_MUNICIPALITY),
    "staff-case": [
        *page("caseworker", "leader", "counter", case_id=sample("case.differs")),
        *page("caseworker", case_id=sample("case.asked")),
        *page("caseworker", "agency", case_id=sample("case.appealed")),
        *page("agency", "agency leader", case_id=sample("case.ready")),
        *page("agency", case_id=sample("case.decided")),
        *page("cleared at the agency", case_id=sample("case.protected")),
    ],
    "staff-change": [
        *page("caseworker", "leader", "counter", case_id=sample("case.decided")),
        *page("agency", "agency leader", case_id=sample("case.ready")),
        *page("cleared at the agency", case_id=sample("case.protected")),
    ],
    "staff-move": [
        *page(*_MUNICIPALITY, case_id=sample("case.differs")),
        *page("agency", "agency leader", case_id=sample("case.ready")),
        *page("cleared at the agency", case_id=sample("case.protected")),
    ],
    "staff-open": page("outside", "outside at the agency", case_id=sample("case.differs")),
    "staff-hand-over": [
        *page(*_MUNICIPALITY, case_id=sample("case.differs")),
        *page("agency", "agency leader", case_id=sample("case.ready")),
        *page("cleared at the agency", case_id=sample("case.protected")),
    ],
    "access-review": [*page(*_STAFF), *page("caseworker", query="?gjort=answered")],
    "agency": [*page(*_AGENCY), *page("agency", query="?forfalt=1")],
    "agency-exceptional": page(*_AGENCY),
    "agency-appeals": page(*_AGENCY),
    "agency-letters": page(*_AGENCY),
    "agency-terms": page(*_AGENCY),
    "agency-term": page(*_AGENCY, package_id="bostotte", term=sample("term")),
    "agency-term-progress": [],
    "gains": page("leader", "agency", "agency leader"),
    "calculator": page("nobody", "citizen", package_id="bostotte"),
}
NO_PAGE = {
    "application-start": "POST",
    "application": "the way to where one was",
    "application-send": "POST",
    "application-move": "POST",
    "application-take-over": "POST",
    "receipt-pdf": "PDF",
    "my-case-write": "POST",
    "my-case-add": "POST",
    "my-case-answered": "POST",
    "attachment": "a file",
    "letter-pdf": "PDF",
    "staff-find": "POST",
    "access-opening": "POST",
    "access-answer": "POST",
    "access-finding": "POST",
    "access-incident": "POST",
    "staff-task": "POST",
    "staff-ask": "POST",
    "staff-write": "POST",
    "staff-take": "POST",
    "staff-step": "POST",
    "staff-document": "a file",
    "staff-add-document": "POST",
    "paper-receipt": "PDF",
    "staff-decide": "POST",
    "staff-correct": "POST",
    "staff-recalculate": "POST",
    "staff-review": "POST",
    "staff-appeal": "POST",
    "agency-letters-again": "POST",
    "agency-term-order": "POST",
    "agency-term-payments": "CSV",
    "gains-csv": "CSV",
}


def make(stage: Any) -> dict[str, str]:
    """Let people of Trondheim apply, and bring their cases to every state that has a page of its own."""
    from samspill.cases import service as cases
    from samspill.infra import clock
    from samspill.kernel.periods import Month

    me, *others = stage.neighbours(TRONDHEIM)
    now = clock.now()
    term = Month.of(clock.today()) - 2
    mine = stage.citizen(me)
    at = stage.on
    decided = stage.applied(mine, when=at(term, 3))
    appealed = stage.applied(stage.citizen(others[0]), when=at(term, 4))
    nynorsk = stage.applied(mine, when=at(term, 5), answers={"malform": "nn"})
    stage.applied(stage.citizen(others[1]), when=at(term, 6))  # the run puts it aside
    for number, case in enumerate((decided, appealed, nynorsk)):
        stage.forwarded(case, when=at(term, 8 + number))
    stage.decided(term)
    decision, letter = _decision(decided)
    lost, _letter = _decision(appealed)
    cases.appeal(
        stage.citizen(others[0]), case_id=appealed, decision_id=lost, idempotency_key="a",
        text="Inntekten er feil.",
    )  # fmt: skip
    days = [now - dt.timedelta(days=back, hours=1) for back in range(1, 6)]
    asked = stage.applied(mine, when=days[3])
    _ask(stage, asked)
    differs = stage.applied(
        stage.citizen(others[2]), when=days[2], changed={"kapitalinntekt_aar": 12000}
    )
    ready = stage.applied(stage.citizen(others[3]), when=days[2])
    stage.forwarded(ready)
    protected = stage.applied(stage.citizen(stage.number_of("protected_strictly")), when=days[2])
    _looked_at(stage, differs, protected)
    draft = stage.draft(
        stage.citizen(others[4]),
        when=days[0],
        answers={"inntekt_stemmer": None, "husleie_mnd": None},
    )
    return {
        "citizen": me, "citizen with a draft": others[4], "term": str(term), "draft": str(draft.id),
        "decision": str(decision), "letter": str(letter), "letter.nn": str(_decision(nynorsk)[1]),
        **{f"case.{name}": str(case) for name, case in {
            "decided": decided, "appealed": appealed, "asked": asked, "differs": differs, "ready": ready,
            "protected": protected,
        }.items()},
    }  # fmt: skip


def _looked_at(stage: Any, case_id: uuid.UUID, hidden: uuid.UUID) -> None:
    """Let somebody open a case outside their tasks, somebody be too close to one, and a case be hidden."""
    from samspill.cases.models import Case
    from samspill.cases.service import incidents, openings, ties
    from samspill.identity import employees
    from samspill.identity.domain import Unit
    from samspill.kernel.actor import system
    from samspill.kernel.outcome import RefusedError

    roles = "municipality_caseworker"
    outside = stage.employee(roles, number=TRONDHEIM, serial=1, services=("barnehage",))
    openings.open_with_reason(outside, case_id=case_id, reason="Kollegaen som har saken, er syk")
    near = stage.employee(roles, number=TRONDHEIM, serial=2)
    for who, name in ((outside, "Leken Sandkasse"), (near, "Fargerik Drage")):
        unit = Unit(org_no=who.org_no, name="", kind="municipality", roles=who.roles)
        employees.seen(who.person_id, name, [unit])
    ties.remember(near.person_id, [Case.objects.get(pk=case_id).applicant_id])
    with contextlib.suppress(RefusedError):
        openings.outside(near, case_id=case_id)
    incidents.begin(system("walk"), Case.objects.get(pk=hidden))


def _decision(case_id: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    """Give the case's decision and its letter."""
    from samspill.cases.models import Decision, Letter

    decision = Decision.objects.filter(case_id=case_id).latest("decided_at")
    return decision.id, Letter.objects.filter(decision=decision).latest("id").id


def _ask(stage: Any, case_id: uuid.UUID) -> None:
    """Let the municipality ask for something, and the two write to each other."""
    from samspill.cases import service as cases

    worker = stage.caseworker(case_id)
    cases.reply(worker, case_id=case_id, text="Vi ser på saken.", idempotency_key="b")
    view = cases.open_case(worker, case_id=case_id)
    cases.request_missing(
        worker, case_id=case_id, revision=view.revision, items=["document:leiekontrakt"],
        text="Vi trenger side 2.",
    )  # fmt: skip
