"""A page is saved only to the version of the draft it was made from; else what others wrote is merged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from samspill.cases import service as cases
from samspill.cases.models import Draft
from samspill.cases.service import storing
from samspill.cases.service.access import own_draft
from samspill.cases.tests.builders import a_citizen
from samspill.infra import generation, sql
from samspill.kernel.outcome import RefusedError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("allotment")]
_PDF = b"%PDF-1.7\n1 0 obj\n%%EOF"


@pytest.fixture
def within_a_request() -> Iterator[None]:
    """Hold the generation of what is kept in memory, as the session's statement does."""
    row = sql.one(f"SELECT {generation.EXPRESSION}", [])
    assert row is not None
    generation.hold(row[0])
    yield
    generation.forget()


def _rows() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM infra_access_entry), (SELECT count(*) FROM infra_event)"
        )
        found: tuple[int, int] = cursor.fetchone()
    return found


def test_writes_neither_draft_nor_log_when_somebody_was_quicker(known: Any) -> None:
    actor = a_citizen()
    draft_id = cases.start_draft(actor, package_id="allotment").id
    mine = own_draft(actor, draft_id)
    cases.save_fields(actor, draft_id=draft_id, revision=1, values={"fee": 100})
    before = _rows()
    mine.answers = {**mine.answers, "fee": 200}
    entry = {"action": "write", "purpose": "a save that comes too late"}
    assert not storing.update_unless_changed(actor, mine, [entry], [])
    assert _rows() == before
    assert own_draft(actor, draft_id).answers["fee"] == 100


def test_merges_with_what_was_written_after_it_was_seen(known: Any) -> None:
    actor = a_citizen()
    draft_id = cases.start_draft(actor, package_id="allotment").id
    seen = cases.draft_to_save(actor, draft_id=draft_id)
    cases.save_fields(actor, draft_id=draft_id, revision=seen.revision, values={"fee": 100})
    saved = cases.save_fields(
        actor, draft_id=draft_id, revision=seen.revision, values={"note": "Ved elva"}, seen=seen
    )
    assert isinstance(saved, cases.DraftView)
    assert saved.answers["fee"] == 100
    assert saved.answers["note"] == "Ved elva"


def test_another_persons_draft_cannot_be_handed_in_as_seen(known: Any) -> None:
    owner = a_citizen(1)
    seen = cases.draft_to_save(owner, draft_id=cases.start_draft(owner, package_id="allotment").id)
    with pytest.raises(RefusedError) as caught:
        cases.save_fields(
            a_citizen(2), draft_id=seen.id, revision=seen.revision, values={"fee": 1}, seen=seen
        )
    assert caught.value.refused.status == 404


def test_an_evaluation_is_kept_for_its_version_alone(known: Any, within_a_request: None) -> None:
    actor = a_citizen()
    draft_id = cases.start_draft(actor, package_id="allotment").id
    first = cases.draft_to_save(actor, draft_id=draft_id)
    again = cases.draft_to_save(actor, draft_id=draft_id)
    assert again.evaluation is first.evaluation
    saved = cases.save_fields(actor, draft_id=draft_id, revision=1, values={"has_shed": True})
    assert isinstance(saved, cases.DraftView)
    after = cases.draft_to_save(actor, draft_id=draft_id)
    assert after.evaluation is saved.evaluation
    assert after.evaluation is not first.evaluation


def test_a_draft_at_hand_is_read_anew_when_another_process_wrote_to_it(
    known: Any, within_a_request: None
) -> None:
    actor = a_citizen()
    draft_id = cases.start_draft(actor, package_id="allotment").id
    cases.draft_to_save(actor, draft_id=draft_id)
    Draft.objects.filter(id=draft_id).update(answers={"fee": 700})
    assert cases.draft_to_save(actor, draft_id=draft_id).answers == {"fee": 700}


def test_a_file_that_was_added_to_a_draft_at_hand_is_seen(
    known: Any, within_a_request: None
) -> None:
    actor = a_citizen()
    draft_id = cases.start_draft(actor, package_id="allotment").id
    assert cases.draft_to_save(actor, draft_id=draft_id).attachments == ()
    added = cases.attach(
        actor, draft_id=draft_id, document="invoice", content=_PDF, filename="f.pdf"
    )
    assert cases.draft_to_save(actor, draft_id=draft_id).attachments == (added,)


def test_a_draft_at_hand_is_shown_to_nobody_but_its_writer(
    known: Any, within_a_request: None
) -> None:
    draft_id = cases.start_draft(a_citizen(1), package_id="allotment").id
    cases.draft_to_save(a_citizen(1), draft_id=draft_id)
    with pytest.raises(RefusedError) as caught:
        cases.draft_to_save(a_citizen(2), draft_id=draft_id)
    assert caught.value.refused.status == 404


def test_a_save_writes_every_column_that_it_changes(known: Any) -> None:
    actor = a_citizen()
    draft_id = cases.start_draft(actor, package_id="allotment").id
    saved = cases.save_fields(
        actor, draft_id=draft_id, revision=1, values={"has_shed": True, "fee": 100},
        reasons={"fee": "Det står i avtalen"}, position={"page": "costs", "field": "fee"},
    )  # fmt: skip
    assert isinstance(saved, cases.DraftView)
    stored, written = vars(own_draft(actor, draft_id)), vars(saved.row)
    assert {name: stored[name] for name in stored if name != "_state"} == {
        name: written[name] for name in written if name != "_state"
    }
