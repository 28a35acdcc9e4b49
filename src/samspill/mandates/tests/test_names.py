"""What the parties are called: ID-porten tells who somebody is and never what they are called."""

from __future__ import annotations

import uuid

import pytest

from samspill.identity import service as identity
from samspill.identity.models import Session
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.models import Grant
from samspill.mandates.service import facts
from samspill.mandates.tests.builders import Register, a_mandate, citizen, number, offer, person
from samspill.mandates.tests.test_service import guardianship

pytestmark = pytest.mark.django_db


def logged_in(serial: int) -> uuid.UUID:
    """A login whose provider said no name."""
    now = clock.now()
    return Session.objects.create(
        token_hash=f"{serial:064}", person_id=person(serial), profile="citizen", level="high",
        issuer="idporten", subject=str(serial), started_at=now, last_seen_at=now,
    ).id  # fmt: skip


def test_who_logged_in_without_a_name_signs_with_the_one_the_register_says(register: Register):
    nameless = citizen(1, name="", session_id=str(logged_in(1)))
    shown = service.preview(nameless, offer())
    assert "Kari Prøve1" in shown.text
    assert Session.objects.get().name == "Kari Prøve1"
    made = service.give(nameless, offer(), text_sha256=shown.sha256)
    assert Grant.objects.get(id=made).grantor_name == "Kari Prøve1"


def test_nobody_signs_a_text_that_does_not_say_who_gives(register: Register):
    made = a_mandate()
    register.down = True
    less = offer(level="read")
    assert "Kari Prøve1" in service.preview_change(citizen(1), mandate_id=made, offer=less).text
    with pytest.raises(RefusedError) as refused:
        service.preview_change(citizen(1, name=""), mandate_id=made, offer=less)
    assert refused.value.refused.code == "register_down"


def test_who_acts_for_another_has_a_name_from_then_on(register: Register):
    made = a_mandate()
    agent = citizen(2, name="", session_id=str(logged_in(2)))
    service.choose(agent, mandate_id=made, scope="husbanken:bostoette")
    assert Session.objects.get().name == "Kari Prøve2"
    identity.name_session(agent, name="Somebody else")
    identity.name_session(citizen(3, session_id=agent.session_id), name="Somebody else")
    assert Session.objects.get().name == "Kari Prøve2"


def test_a_guardians_name_is_shown_when_what_the_register_said_is_emptied(register: Register):
    register.know(1, guardianships=guardianship(2, "husbanken:bostoette"))
    guardian = citizen(2, session_id=str(logged_in(2)))
    service.find(guardian, number=number(1).value, family="Prøve1")
    (choice,) = service.may_act_for(guardian)
    service.choose(guardian, mandate_id=choice.mandate_id, scope="husbanken:bostoette")
    assert [use.by for use in service.uses_of(citizen(1))] == ["Kari Prøve2"]
    facts.forget(person(1))
    assert [use.by for use in service.uses_of(citizen(1))] == ["Kari Prøve2"]
