"""Builders: people, initiatives of the register, lines, answers."""

import datetime as dt
import uuid

from samspill.impact import service
from samspill.impact.domain import checklist
from samspill.kernel.actor import Actor
from samspill.municipalities import service as municipalities
from samspill.portfolio import service as portfolio

AGENCY, KS_ORG, STATE = "942114184", "971032146", "991825827"


def somebody(role, org_no="", municipality_id=None):
    person = uuid.uuid5(uuid.NAMESPACE_URL, f"{role}{org_no}{municipality_id}")
    return Actor(kind="employee", person_id=person, org_no=org_no, municipality_id=municipality_id,
                 roles=frozenset({role}), level="high")  # fmt: skip


OWNER = somebody("initiative_owner", AGENCY)
KS = somebody("ks_coordinator", KS_ORG)
SECRETARIAT = somebody("secretariat", STATE)


def a_municipality(number="1108"):
    return municipalities.current(number)


def a_lead(number="1108"):
    place = a_municipality(number)
    return somebody("municipal_lead", place.org_no, place.id)


def an_initiative(title="Felles fullmakt", **changes):
    given = {
        "summary": "Kort.",
        "window_from": dt.date(2027, 1, 1),
        "window_to": dt.date(2028, 12, 31),
    } | changes
    return portfolio.register(OWNER, title=title, **given)


LINES = (
    {"key": "project_lead-1", "category": "hours_used", "role": "project_lead", "driver": "one", "quantity": 120,
     "unit": "hours", "end": 2027, "uncertainty": {"low": 0.7, "likely": 1, "high": 1.8}, "grade": "expert"},
    {"key": "adapter", "category": "one_off_cost", "driver": "inhabitants", "elasticity": 0.6, "quantity": 900,
     "uncertainty": {"reference_class": "municipal_introduction"}, "grade": "assumption"},
    {"key": "saved", "category": "hours_freed", "role": "caseworker", "driver": "inhabitants", "quantity": 0.02,
     "uncertainty": {"p10": 0.5, "p90": 1.5}, "grade": "comparable"},
)  # fmt: skip


def described(**changes):
    """An initiative with lines and a whole checklist."""
    view = an_initiative(**changes)
    service.save_lines(OWNER, initiative_id=view.id, lines=LINES, take=0)
    rest = checklist.unanswered({}, [line["key"] for line in LINES])
    given = {key: {"answer": "none", "why": "Tas av eieren."} for key in rest}
    service.answer_checklist(OWNER, initiative_id=view.id, given=given)
    return view


def frozen(**changes):
    """A published initiative with a frozen assessment."""
    view = described(**changes)
    portfolio.publish(OWNER, initiative_id=view.id)
    made = service.assess(OWNER, initiative_id=view.id, draws=256)
    service.consult(OWNER, assessment_id=made.id)
    service.take_position(KS, assessment_id=made.id, position="agreed")
    return view, service.freeze(OWNER, assessment_id=made.id)
