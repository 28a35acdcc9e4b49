"""What a listener could not take waits on a list with an owner until it is taken (SP-38)."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator

import attrs
import pytest

from samspill.infra import events, put_aside
from samspill.infra.tests.test_ground import LampLit
from samspill.kernel.actor import system
from samspill.site.cli import main

pytestmark = pytest.mark.django_db
NAME = "lamps that burn out"


@attrs.define
class Lamps:
    """A listener that cannot take anything while it is broken."""

    broken: bool = True
    taken: list[uuid.UUID | None] = attrs.field(factory=list)

    def handle(self, event: events.Stored) -> None:
        if self.broken:
            raise ValueError("what a person wrote")
        self.taken.append(event.key)


@pytest.fixture
def lamps() -> Iterator[Lamps]:
    made = Lamps()
    events.subscribe(NAME, [LampLit], made.handle, owner="cases")
    yield made
    events._subscribers.pop(NAME)


def burnt(key: uuid.UUID) -> put_aside.PutAside:
    """Let the listener fail until the event is put aside."""
    events.append(LampLit(case_id=key), actor=system("test"))
    [stored] = events.story(key)
    events._bury(events.subscribers()[NAME], stored, ValueError("what a person wrote"))
    return next(one for one in put_aside.waiting() if one.key == key)


def test_it_waits_with_an_owner_and_is_said_aloud_without_what_people_wrote(lamps, caplog) -> None:
    with caplog.at_level(logging.ERROR):
        waits = burnt(uuid.uuid4())
    assert (waits.listener, waits.owner, waits.type) == (NAME, "cases", "LampLit")
    assert "is put aside for cases" in caplog.text
    assert "person wrote" not in caplog.text + waits.error


def test_it_is_taken_once_when_the_cause_is_mended_and_stays_while_it_is_not(lamps) -> None:
    key = uuid.uuid4()
    waits = burnt(key)
    with pytest.raises(ValueError, match="person"):
        put_aside.hand_over(waits.number)
    assert waits in put_aside.waiting()
    lamps.broken = False
    assert put_aside.hand_over(waits.number) == waits
    assert put_aside.hand_over(waits.number) is None
    assert lamps.taken == [key]
    assert waits not in put_aside.waiting()


def test_the_command_lists_hands_over_and_says_what_is_wrong(lamps, capsys) -> None:
    waits = burnt(uuid.uuid4())

    def asked(*words: str) -> tuple[int, dict]:
        code = main(["events", *words])
        return code, json.loads(capsys.readouterr().out)

    code, said = asked("put-aside")
    assert code == 1
    assert [one["number"] for one in said["waiting"]] == [waits.number]
    code, said = asked("again", str(waits.number))
    assert (code, said["error"]["code"]) == (2, "not_taken")
    assert "person wrote" not in json.dumps(said)
    lamps.broken = False
    assert asked("again", str(waits.number))[1]["taken"]["owner"] == "cases"
    assert asked("again", str(waits.number))[1]["error"]["code"] == "no_such_event"
    assert asked("put-aside") == (0, {"waiting": []})
