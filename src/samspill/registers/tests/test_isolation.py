"""What registers have said as the database itself gives it to the web's role."""

from __future__ import annotations

import pytest

from samspill.identity import service as identity
from samspill.infra.tests.restricted import as_the_web, asked
from samspill.kernel.actor import Actor
from samspill.registers.service import Found
from samspill.registers.tests.test_service import declared, look, someone
from samspill.sandbox.testing import Running

pytestmark = pytest.mark.django_db


def test_a_reply_is_there_for_the_person_and_for_look_ups_and_for_nobody_else(
    sandbox: Running,
) -> None:
    person = identity.person_for(someone(sandbox))
    with as_the_web() as cursor:  # kept, and taken up again, by a look-up of the web
        first = look(sandbox, declared(fresh_for="P1D"))
        sandbox.switches.set("nav", "down")
        again = look(sandbox, declared(fresh_for="P1D"))
        assert isinstance(first, Found)
        assert isinstance(again, Found)
        assert again.sha256 == first.sha256
        assert asked(cursor, "SELECT id FROM registers_reply") == set()
    with as_the_web(Actor(kind="citizen", person_id=person, level="high")) as cursor:
        assert asked(cursor, "SELECT person_id FROM registers_reply") == {person}
    stranger = Actor(kind="employee", person_id=None, org_no="942110464", level="high")
    with as_the_web(stranger) as cursor:
        assert asked(cursor, "SELECT id FROM registers_reply") == set()
