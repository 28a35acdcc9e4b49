"""Two employees edit one case at the same moment: one is stored, the other is shown both values."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from samspill.cases.domain.worklist import EditConflict
from samspill.cases.service import handling
from samspill.cases.service.case_view import CaseView
from samspill.cases.tests.term_builders import RUN_DAY, a_case, a_caseworker
from samspill.infra import clock

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_of_two_at_once_gets_the_merge_view(ferry, known) -> None:
    with clock.frozen(RUN_DAY):
        case = a_case(ferry, known, state="submitted", amended={})
        actors = [a_caseworker(serial=serial) for serial in (900, 901)]
    wanted, start = (True, False), threading.Barrier(2)
    found: list[CaseView | EditConflict | Exception | None] = [None, None]

    def change(at: int) -> None:
        try:
            start.wait(timeout=10)
            with clock.frozen(RUN_DAY):
                found[at] = handling.change_values(
                    actors[at], case_id=case.id, revision=case.revision,
                    values={"island": wanted[at]}, before={"island": None}, reason="Seen on the map",
                )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - looked at below
            found[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(at,)) for at in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    kinds = sorted(type(one).__name__ for one in found)
    assert kinds == ["CaseView", "EditConflict"]
    winner = next(at for at, one in enumerate(found) if isinstance(one, CaseView))
    loser = found[1 - winner]
    assert isinstance(loser, EditConflict)
    [both] = loser.fields
    assert (both.before, both.theirs, both.mine) == (None, wanted[winner], wanted[1 - winner])
    case.refresh_from_db()
    assert case.amended == {"island": wanted[winner]}
    assert case.amendments.count() == 1
