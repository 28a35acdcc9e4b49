"""What the matrix is tried on: one case in each grade with all a case can have, a draft, mandates, initiatives, an agreement.

Made by the services, once for all tests of the folder, in a transaction that is rolled back in the end.
"""

from __future__ import annotations

import uuid
from typing import Any

import attrs

from samspill.cases import service as cases
from samspill.cases.models import Appeal, Case, Letter, Task
from samspill.cases.tests.builders import Registers, a_citizen, a_number
from samspill.cases.tests.term_builders import AUGUST, a_case, publish_ferry
from samspill.infra import clock, looks
from samspill.infra.models import AccessEntry
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import new_id
from samspill.mandates import service as mandates
from samspill.portfolio.tests.builders import an_initiative
from samspill.registers.adapters.directory import REGISTERS
from samspill.settlement.tests.builders import an_agreement, published
from tests.matrix.people import Person, browser

GRADES = ("ugradert", "fortrolig", "strengtFortrolig")
SCOPE = "husbanken:bostoette"
_GIVER, _DRAFTER, _AGENT, _EARLIER, _STRANGER = 4, 5, 6, 7, 8
_REPRESENTATION = "folkeregisteret.representation"


@attrs.frozen
class Thing:
    """Something that addresses lead to: of which kind and grade, its place in addresses, whose it is.

    `owner` and `granted` are the citizens who come for their own, and for another by a mandate; `traces` are words
    that may stand in no answer to one who may not see it.
    """

    kind: str
    grade: str
    values: dict[str, str]
    citizens: dict[str, Person] = attrs.field(factory=dict)
    traces: tuple[str, ...] = ()


def things(known: Registers, staff: dict[str, Person]) -> list[Thing]:
    """Make everything, and say whose it is."""
    ferry = publish_ferry()
    _know(known)
    made = [a_case(ferry, known, serial=n) for n in (1, 2, 3)]
    cases.run_term("ferry", AUGUST)
    while cases.make_queued():
        pass
    drafted = _draft()
    given = {n: _mandate(n, _AGENT) for n in (1, 2, 3, _DRAFTER)}
    taken_back = {n: _mandate(n, _EARLIER) for n in (1, 2, 3)}
    acting = {n: _acts_for(_AGENT, given[n]) for n in given}
    earlier = {n: _acts_for(_EARLIER, taken_back[n]) for n in taken_back}
    for serial, mandate in taken_back.items():
        mandates.withdraw(_named(serial), mandate_id=mandate)
    found = []
    for serial, (case, grade) in enumerate(zip(made, GRADES, strict=True), 1):
        values = _all_of(case, serial)
        people = {
            "owner": _citizen(serial), "granted": acting[serial], "withdrawn": earlier[serial], "stranger": _citizen(_STRANGER),
        }  # fmt: skip
        found.append(Thing("case", grade, values, people, traces(serial)))
    reported = _report(staff["municipality_caseworker: own"], made[0])
    _grade(known)
    return [
        *found,
        drafted,
        _mandate_of(given[1]),
        _paper(staff["counter: own"]),
        reported,
        _term(),
        *_shared(),
    ]


def traces(serial: int) -> tuple[str, ...]:
    """Words that tell of a person: name and number."""
    return (f"Kari Prøve{serial}", a_number(serial).value, f"Prøve{serial}<")


def table(known: Registers) -> dict[str, Any]:
    """The registers' directory, with what is known here in the place of the national registers."""
    return {
        name: attrs.evolve(register, fetch=lambda question, name=name: known.fetch(name, question))
        for name, register in REGISTERS.items()
    }


def _know(known: Registers) -> None:
    for serial in range(1, _STRANGER + 1):
        known.know(serial)
        name = {"given": "Kari", "family": f"Prøve{serial}", "full": f"Kari Prøve{serial}"}
        known.replies.setdefault(_REPRESENTATION, {})[a_number(serial).value] = {
            "name": name, "born": "1985-01-01", "dead": False, "died": None, "protection": "ugradert",
            "guardianships": [], "parents": [], "children": [],
        }  # fmt: skip


def _grade(known: Registers) -> None:
    """Let the register grade persons 2 and 3, and what listens move their cases."""
    for serial, grade in ((2, "fortrolig"), (3, "strengtFortrolig")):
        known.know(serial, protection=grade)
        known.replies[_REPRESENTATION][a_number(serial).value]["protection"] = grade
        person = a_citizen(serial).person_id
        assert person is not None
        cases.regrade_person(system("matrix"), person_id=person)
        changed = attrs.make_class("Changed", ["body"])({"person_id": str(person)})
        mandates.person_changed(changed)


def _named(serial: int) -> Actor:
    return a_citizen(serial, name=f"Kari Prøve{serial}")


def _citizen(serial: int) -> Person:
    actor = a_citizen(serial)
    return Person(f"citizen {serial}", actor, browser(actor))


def _mandate(giver: int, agent: int) -> uuid.UUID:
    offer = mandates.Offer(
        agent_number=a_number(agent).value, agent_family=f"Prøve{agent}", scopes=(SCOPE,), level="write"
    )  # fmt: skip
    text = mandates.preview(_named(giver), offer)
    made = mandates.give(_named(giver), offer, text_sha256=text.sha256)
    mandates.accept(_named(agent), mandate_id=made)
    return made


def _acts_for(agent: int, mandate: uuid.UUID) -> Person:
    """A browser of the agent in which it has chosen to act by a mandate."""
    actor = a_citizen(agent)
    client = browser(actor)
    client.post(f"/fullmakter/opptre/{mandate}/", {"scope": SCOPE})
    assert client.cookies["for"].value == "1"
    return Person(f"citizen {agent} for another", actor, client)


def _all_of(case: Case, serial: int) -> dict[str, str]:
    decision = case.decisions.get()
    added = cases.add_document(
        a_citizen(serial), case_id=case.id, document="tickets", content=b"%PDF-1.7\n%%EOF", filename="a.pdf"
    )  # fmt: skip
    cases.appeal(
        a_citizen(serial), case_id=case.id, decision_id=decision.id, text="Feil", idempotency_key=f"a{serial}"
    )  # fmt: skip
    case.refresh_from_db()
    task = Task.objects.create(
        id=new_id(), case=case, key="island", role="municipality_caseworker", opened_at=clock.now()
    )
    entry = AccessEntry.objects.filter(subject_id=case.applicant_id).latest("id").id
    values = {
        "case_id": case.id, "decision_id": decision.id, "letter_id": Letter.objects.filter(case=case).latest("id").id,
        "attachment_id": added.id, "appeal_id": Appeal.objects.get(case=case).id, "task_id": task.id,
        "request_id": uuid.uuid4(), "entry_id": entry,
    }  # fmt: skip
    return {name: str(value) for name, value in values.items()}


def _draft() -> Thing:
    draft = cases.start_draft(a_citizen(_DRAFTER), package_id="ferry")
    values = {"draft_id": str(draft.id), "page": "travel"}
    people = {"owner": _citizen(_DRAFTER), "stranger": _citizen(_STRANGER)}
    return Thing("draft", "ugradert", values, people, traces(_DRAFTER))


def _mandate_of(given: uuid.UUID) -> Thing:
    people = {"owner": _citizen(1), "agent": _citizen(_AGENT), "stranger": _citizen(_STRANGER)}
    return Thing("mandate", "ugradert", {"mandate_id": str(given)}, people)


def _paper(counter: Person) -> Thing:
    """A mandate that was signed on paper, and registered at the counter."""
    assert counter.actor is not None
    offer = mandates.Offer(
        agent_number=a_number(_AGENT).value, agent_family=f"Prøve{_AGENT}", scopes=(SCOPE,)
    )
    made = mandates.register_paper(
        counter.actor, giver_number=a_number(_GIVER).value, giver_family=f"Prøve{_GIVER}", offer=offer
    )  # fmt: skip
    return Thing("paper", "ugradert", {"mandate_id": str(made)}, traces=traces(_GIVER))


def _report(caseworker: Person, case: Case) -> Thing:
    """Person 1 finds a caseworker's look at the case strange, and says so."""
    assert caseworker.actor is not None
    cases.open_case(caseworker.actor, case_id=case.id)
    looked = AccessEntry.objects.filter(
        subject_id=case.applicant_id, actor_id=caseworker.actor.person_id
    )
    report = looks.report(
        a_citizen(1), entry_id=looked.latest("id").id, text="Hvorfor?", protected=False
    )
    return Thing("report", "ugradert", {"report_id": str(report.id)})


def _term() -> Thing:
    """The month that the agency of the service has run."""
    return Thing("term", "ugradert", {"package_id": "ferry", "term": "2026-08"})


def _shared() -> list[Thing]:
    """What is decided together: nothing personal, but working papers until they are published."""
    secret = an_initiative(title="Utkast alene")
    open_one = published()
    agreement = an_agreement(open_one)
    return [
        Thing("initiative", "draft", {"initiative_id": str(secret.id)}, traces=("Utkast alene",)),
        Thing("initiative", "published", {"initiative_id": str(open_one.id)}),
        Thing("agreement", "published", {"agreement_id": str(agreement.id)}),
    ]
