"""Who listens to whom. Rooms do not know their listeners; this page does."""

from __future__ import annotations

import uuid

from samspill.infra import events, isolation


def connect() -> None:
    """Register every subscriber."""
    from samspill.cases import events as told
    from samspill.cases.service import answering, gains, notices, retention, scope
    from samspill.identity import service as identity
    from samspill.mandates import service as mandates
    from samspill.mandates.service import asking_employees
    from samspill.mandates.service import notices as told_of
    from samspill.portfolio import service as portfolio
    from samspill.registers.events import PersonChanged
    from samspill.settlement.service import observing, returning
    from samspill.site import own_data_doors, vendors
    from samspill.site.front_end import organisations

    own_data_doors.connect()
    isolation.use_reach(scope.reach)
    identity.use_directory(organisations.find)
    asking_employees.use_cases(answering.rule, answering.readable)
    portfolio.use_vendors(vendors.of_initiative)
    timed = [kind for kind in vars(told).values() if _is_event(kind)]
    events.subscribe(gains.SUBSCRIBER, timed, gains.count_again, owner="cases", newest=True)
    events.subscribe(notices.SUBSCRIBER, notices.HEARS, notices.queue_for, owner="cases")
    events.subscribe(retention.SUBSCRIBER, retention.HEARS, retention.tell, owner="cases")
    events.subscribe(
        observing.SUBSCRIBER, observing.HEARS, observing.observe, owner="settlement", newest=True
    )
    events.subscribe(returning.SUBSCRIBER, returning.HEARS, returning.hear, owner="settlement")
    events.subscribe("cases.person_changed", [PersonChanged], _person_changed, owner="cases")
    events.subscribe(told_of.SUBSCRIBER, told_of.HEARS, told_of.queue_for, owner="mandates")
    events.subscribe(
        "mandates.person_changed", [PersonChanged], mandates.person_changed, owner="mandates"
    )


def _is_event(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, events.Event) and bool(thing.room)


def _person_changed(event: events.Stored) -> None:
    """Let the person's cases follow: a new address grade moves them at once, death ends them."""
    from samspill.cases import service as cases
    from samspill.kernel.actor import system

    person_id = uuid.UUID(str(event.body["person_id"]))
    cases.regrade_person(system("person changed"), person_id=person_id)
    happening = _ENDS.get(event.body["kind"])
    if happening:
        cases.stop_for_person(person_id, happening)


_ENDS = {"endringIDoedsfall": "dead", "endringIBostedsadresse": "moved"}
