"""A decision carries the root that the log had when it was made, so that whoever keeps it can hold the log to it."""

from __future__ import annotations

import datetime as dt

import pytest

from samspill.cases.models import Letter
from samspill.cases.service import letters, term_run
from samspill.cases.tests.term_builders import AUGUST, RUN_DAY, a_case, an_agency
from samspill.infra import access_log, clock
from samspill.infra.proof import anchor, sealing, tree
from samspill.kernel.actor import system

pytestmark = pytest.mark.django_db
MADE = dt.datetime(2026, 9, 10, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def letter(ferry, known, settings, tmp_path) -> Letter:
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path}
    case = a_case(ferry, known)
    with clock.frozen(RUN_DAY):
        term_run.run_term("ferry", AUGUST)
    return case.letters.get()


def sealed(at: dt.datetime) -> anchor.Anchor:
    with clock.frozen(at):
        access_log.record(actor=system("test"), action="read", purpose="something happens")
        sealing.seal_all()
    found = anchor.at_time(at)
    assert found is not None
    return found


def test_the_root_of_when_it_was_made_stands_in_it_whenever_it_is_read(letter) -> None:
    kept = sealed(MADE - dt.timedelta(minutes=1))
    with clock.frozen(MADE):
        letters.make_queued()
    later = sealed(MADE + dt.timedelta(minutes=1))
    assert kept.root != later.root
    assert kept.readable_root in Letter.objects.get(pk=letter.pk).html
    with clock.frozen(MADE + dt.timedelta(days=1)):
        other = letters.letter(an_agency(), letter_id=letter.id, language="en").html
    assert kept.readable_root in other
    assert later.readable_root not in other
    assert tree.root(kept.size) == kept.root


@pytest.mark.usefixtures("letter")
def test_the_root_can_be_read_aloud_and_is_the_whole_root() -> None:
    kept = sealed(MADE)
    assert bytes.fromhex(kept.readable_root) == kept.root
    assert {len(group) for group in kept.readable_root.split()} == {8}


def test_a_log_that_has_sealed_nothing_yet_stops_no_letter(letter) -> None:
    with clock.frozen(MADE):
        assert anchor.at_time(MADE) is None
        assert letters.make_queued() == 1
    assert Letter.objects.get(pk=letter.pk).state == "sent"
