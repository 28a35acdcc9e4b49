"""One prepared world for the folder: made once, in a transaction that is rolled back when the last test is done."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from samspill.cases.tests.builders import Registers
from samspill.cases.tests.term_builders import RUN_DAY
from samspill.infra import clock
from samspill.registers import service as registers
from tests.matrix import people, world
from tests.matrix.trying import Matrix


@pytest.fixture(scope="module")
def matrix(django_db_setup: None, django_db_blocker: Any) -> Iterator[Matrix]:
    """Everybody and everything, ready to be tried."""
    del django_db_setup
    logging.disable(logging.WARNING)  # each refusal is a line otherwise
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, clock.frozen(RUN_DAY):
        known = Registers()
        patch.setattr(registers, "REGISTERS", world.table(known))
        with transaction.atomic():
            staff = people.employees()
            made = world.things(known, {one.name: one for one in staff})
            yield Matrix((people.anonymous(), people.citizen("citizen", 8), *staff), tuple(made))
            transaction.set_rollback(True)
    logging.disable(logging.NOTSET)
