"""The two sides are told, each thing once, where they can be reached; and the paper at the counter is kept."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from samspill.infra import clock, events
from samspill.infra.http import ComponentError
from samspill.infra.models import AccessEntry
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.models import Grant, Notice
from samspill.mandates.service import expiring, notices
from samspill.mandates.tests.builders import (
    OTHER_ORG,
    Register,
    a_mandate,
    citizen,
    employee,
    number,
    offer,
    person,
)
from samspill.registers import service as registers

pytestmark = pytest.mark.django_db


@attrs.define
class Contacts:
    """A Kontakt- og reservasjonsregister that says what a table says, or is silent."""

    replies: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    down: bool = False

    def fetch(self, question: Any) -> dict[Any, Any]:
        if self.down:
            raise ComponentError("krr", "personer", "unavailable")
        return {p: self.replies[p.value] for p in question.persons if p.value in self.replies}


@pytest.fixture
def contacts(register: Register, monkeypatch: pytest.MonkeyPatch) -> Contacts:
    """1 can be notified and writes nynorsk; 2 is reserved; nobody knows 3."""
    fake = Contacts()
    fake.replies[number(1).value] = {"reserved": False, "can_be_notified": True, "language": "nn"}
    fake.replies[number(2).value] = {"reserved": True, "can_be_notified": True, "language": "se"}
    entry = attrs.evolve(registers.REGISTERS["krr.contact"], fetch=fake.fetch)
    monkeypatch.setattr(registers, "REGISTERS", {**registers.REGISTERS, "krr.contact": entry})
    return fake


def hear() -> None:
    """Let the subscriber hear all that has happened, twice over, as the log may tell it twice."""
    heard = {kind.__name__ for kind in notices.HEARS}
    told = [one for row in Grant.objects.all() for one in events.story(row.id) if one.type in heard]
    for one in sorted(told * 2, key=lambda event: event.id):
        notices.queue_for(one)
    notices.make_queued()


def told(serial: int) -> list[str]:
    rows = Notice.objects.filter(person_id=person(serial)).order_by("queued_at", "id")
    return [row.kind for row in rows]


def test_both_are_told_where_they_can_be_reached_and_each_thing_once(contacts: Contacts):
    a_mandate()
    hear()
    assert (told(1), told(2)) == (["given", "accepted"], ["given"])
    first, second = Notice.objects.filter(person_id=person(1)).order_by("queued_at")
    assert (first.channel, first.language, first.file_id) == ("digital", "nn", None)
    assert second.title == "Fullmakta er godteken"
    assert "Kari Prøve2 har sagt ja" in second.text
    letter = Notice.objects.get(person_id=person(2))
    assert (letter.channel, letter.language) == ("paper", "nb")
    assert service.read_letter(citizen(2), notice_id=letter.id).startswith(b"%PDF")
    for other in (citizen(1), employee(5)):
        with pytest.raises(RefusedError):
            service.read_letter(other, notice_id=letter.id)


def test_reading_empties_the_count_of_what_is_new(contacts: Contacts):
    a_mandate()
    hear()
    assert service.unread_notices(citizen(1)) == 2
    assert service.unread_notices(citizen(1, on_behalf_of=person(2))) == 0
    assert service.unread_notices(employee(1)) == 0
    assert [one.is_new for one in service.my_notices(citizen(1))] == [True, True]
    assert [one.is_new for one in service.my_notices(citizen(1))] == [False, False]
    assert service.unread_notices(citizen(1)) == 0


def test_a_change_is_one_notice_and_an_end_is_told_to_both(contacts: Contacts):
    made = a_mandate()
    asked = offer(level="read")
    text = service.preview_change(citizen(1), mandate_id=made, offer=asked)
    new = service.change(citizen(1), mandate_id=made, offer=asked, text_sha256=text.sha256)
    service.withdraw(citizen(1), mandate_id=new)
    hear()
    assert sorted(told(1)) == ["accepted", "changed", "ended", "given"]
    assert sorted(told(2)) == ["changed", "ended", "given"]


def test_the_first_use_is_told_and_not_the_second(contacts: Contacts):
    made = a_mandate()
    for _time in range(2):
        service.choose(citizen(2), mandate_id=made, scope="husbanken:bostoette")
    hear()
    assert told(1).count("used") == 1
    assert "used" not in told(2)


def test_the_end_is_told_before_and_after(contacts: Contacts):
    last = clock.today() + dt.timedelta(days=40)
    a_mandate(valid_to=last)
    for days in (11, 12, 41):
        with clock.frozen(clock.now() + dt.timedelta(days=days)):
            expiring.look_after()
            hear()
    assert sorted(told(2)) == ["expired", "given", "soon"]
    soon = Notice.objects.get(person_id=person(1), kind="soon")
    assert f"{last.day}." in soon.text


def test_a_silent_register_is_asked_again_and_at_last_a_letter_is_made(contacts: Contacts):
    contacts.down = True
    a_mandate(accepted=False)
    start = clock.now()
    hear()
    assert set(Notice.objects.values_list("state", flat=True)) == {"queued"}
    for minutes in (6, 12, 18, 24):
        with clock.frozen(start + dt.timedelta(minutes=minutes)):
            notices.make_queued()
    assert set(Notice.objects.values_list("state", "channel")) == {("sent", "paper")}


def test_nothing_is_told_to_a_strictly_protected_person_through_this_door(
    contacts: Contacts, register: Register
):
    a_mandate()
    register.know(2, protection="strengtFortrolig")
    service.decide_fresh(citizen(1), service.Question(str(person(2)), str(person(1)), "x:y", "read", clock.now()))  # fmt: skip
    with clock.frozen(clock.now() + dt.timedelta(hours=2)):
        service.may_act_for(citizen(2))
        hear()
    assert told(2) == []


def papers(**more: Any) -> Any:
    return service.register_paper(
        employee(5), giver_number=number(3).value, giver_family="Prøve3", offer=offer(2), **more
    )


def test_the_scan_of_a_paper_is_kept_and_each_reading_is_logged(contacts: Contacts):
    scan = service.Scan(b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n", "fullmakt.pdf")
    made = papers(scan=scan)
    assert service.paper_mandate(employee(6), mandate_id=made).scanned
    before = AccessEntry.objects.filter(subject_id=person(3), action="read").count()
    for reader in (employee(6), citizen(3), citizen(2)):
        content, kind = service.read_scan(reader, mandate_id=made)
        assert (content, kind) == (scan.content, "application/pdf")
    read = AccessEntry.objects.filter(subject_id=person(3), action="read")
    assert read.count() == before + 3
    for stranger in (citizen(4), employee(6, org_no=OTHER_ORG)):
        with pytest.raises(RefusedError):
            service.read_scan(stranger, mandate_id=made)


def test_what_is_no_scan_is_refused_and_nothing_is_registered(contacts: Contacts):
    with pytest.raises(RefusedError) as refused:
        papers(scan=service.Scan(b"not a picture", "x.exe"))
    assert refused.value.refused.where == "scan"
    assert not Grant.objects.filter(kind="fullmakt_papir").exists()


def test_the_counter_posts_the_letters_of_its_own_papers(contacts: Contacts):
    made = papers()
    hear()
    letters = service.paper_mandate(employee(6), mandate_id=made).letters
    assert {one.to for one in letters} == {"Kari Prøve3", "Kari Prøve2"}
    for one in letters:
        assert service.read_letter(employee(6), notice_id=one.id).startswith(b"%PDF")
        with pytest.raises(RefusedError):
            service.read_letter(employee(6, org_no=OTHER_ORG), notice_id=one.id)
    with pytest.raises(RefusedError):
        service.read_scan(employee(6), mandate_id=made)


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"level": "read"}, True),
        ({"days": 20}, True),
        ({"days": 31}, False),
        ({"days": None}, False),
        ({"scopes": ("husbanken:bostoette", "kommune:byggOgEiendom")}, False),
        ({"may_delegate": True}, False),
    ],
)
def test_what_gives_less_works_at_once_and_what_gives_more_waits_for_a_new_yes(
    contacts: Contacts, changes: dict[str, Any], kept: bool
):
    today = clock.today()
    made = a_mandate(valid_to=today + dt.timedelta(days=30))
    days = changes.pop("days", 30)
    asked = offer(valid_to=today + dt.timedelta(days=days) if days else None, **changes)
    text = service.preview_change(citizen(1), mandate_id=made, offer=asked)
    new = service.change(citizen(1), mandate_id=made, offer=asked, text_sha256=text.sha256)
    assert (Grant.objects.get(id=new).accepted_at is not None) is kept


def test_a_paper_that_nobody_has_vouched_for_is_not_made_good_by_a_change(contacts: Contacts):
    made = papers()
    asked = offer(2, level="read")
    giver = citizen(3)
    text = service.preview_change(giver, mandate_id=made, offer=asked)
    new = service.change(giver, mandate_id=made, offer=asked, text_sha256=text.sha256)
    assert Grant.objects.get(id=new).accepted_at is None
