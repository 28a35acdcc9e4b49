"""A grant's history as a state machine: the services over PostgreSQL beside a small model of what must hold.

The model knows nothing of rows or rules: a mandate is a few facts, and whether it carries a question is said in
four lines. Whatever is done, by whomever, in whatever order, both must agree, and a refused act changes nothing.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from samspill.infra import clock, events
from samspill.kernel.outcome import RefusedError
from samspill.mandates import service
from samspill.mandates.models import Grant, Party, Step
from samspill.mandates.tests.builders import Register, ask, citizen, offer

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 9, 1, 10, tzinfo=dt.UTC)
GIVER, AGENT, STRANGER = 1, 2, 3
WHO = st.sampled_from([GIVER, AGENT, STRANGER])


@attrs.define
class Model:
    """What a mandate is, as somebody would say it aloud."""

    level: str
    first: dt.date
    last: dt.date | None
    accepted: bool = False
    ended: bool = False

    def carries(self, action: str, on: dt.date) -> bool:
        over = self.last is not None and on > self.last
        return (
            self.accepted
            and not self.ended
            and self.first <= on
            and not over
            and (action == "read" or self.level == "write")
        )

    def stands(self, on: dt.date) -> bool:
        return not self.ended and not (self.last is not None and on > self.last)


class History(RuleBasedStateMachine):
    """Everybody does anything at any time."""

    register: Register

    @initialize()
    def begin(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.time = clock.frozen(START)
        self.time.__enter__()
        self.now = START
        self.made: dict[uuid.UUID, Model] = {}
        self.blocked = False
        service.decide_fresh(citizen(AGENT), ask(AGENT, GIVER))

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            self.time.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @property
    def today(self) -> dt.date:
        return clock.today()

    @rule(
        level=st.sampled_from(["read", "write"]),
        starts=st.integers(0, 3),
        days=st.integers(0, 60) | st.none(),
    )
    def give(self, level: Any, starts: int, days: int | None) -> None:
        first = self.today + dt.timedelta(days=starts)
        last = None if days is None else first + dt.timedelta(days=days)
        asked = offer(AGENT, level=level, valid_from=first, valid_to=last)
        text = service.preview(citizen(GIVER), asked)
        made = service.give(citizen(GIVER), asked, text_sha256=text.sha256)
        self.made.setdefault(made, Model(level, first, last))

    def _try(self, *, allowed: bool, act: Callable[[], Any]) -> Any:
        """Do it; what the model says is impossible must be refused, and leave no trace."""
        before = Step.objects.count()
        if allowed:
            return act()
        with pytest.raises(RefusedError):
            act()
        assert Step.objects.count() == before
        return None

    def _one(self, at: int) -> uuid.UUID | None:
        return list(self.made)[at % len(self.made)] if self.made else None

    @rule(at=st.integers(0, 9), who=WHO)
    def accept(self, at: int, who: int) -> None:
        made = self._one(at)
        if made is None:
            return
        model = self.made[made]
        mine = who == AGENT and not model.ended
        may = mine and (model.accepted or model.stands(self.today))
        self._try(allowed=may, act=lambda: service.accept(citizen(who), mandate_id=made))
        model.accepted = model.accepted or may

    @rule(at=st.integers(0, 9), who=WHO, act=st.sampled_from(["withdraw", "renounce", "decline"]))
    def end(self, at: int, who: int, act: str) -> None:
        made = self._one(at)
        if made is None or self.made[made].ended:
            return
        model = self.made[made]
        may = (
            model.stands(self.today)
            and {
                "withdraw": who == GIVER,
                "renounce": who == AGENT and model.accepted,
                "decline": who == AGENT and not model.accepted,
            }[act]
        )
        self._try(allowed=may, act=lambda: getattr(service, act)(citizen(who), mandate_id=made))
        model.ended = model.ended or may

    @rule(at=st.integers(0, 9), who=WHO, level=st.sampled_from(["read", "write"]))
    def change(self, at: int, who: int, level: Any) -> None:
        made = self._one(at)
        if made is None:
            return
        model, asked = self.made[made], offer(AGENT, level=level)

        def act() -> uuid.UUID:
            text = service.preview_change(citizen(who), mandate_id=made, offer=asked)
            return service.change(citizen(who), mandate_id=made, offer=asked, text_sha256=text.sha256)  # fmt: skip

        twin = any(  # the same text stands already: it is that one
            one.first == self.today and one.last is None and one.level == level and not one.ended
            for key, one in self.made.items()
            if key != made
        )
        new = self._try(allowed=who == GIVER and model.stands(self.today), act=act)
        if new is None:
            return
        kept = model.accepted and not (level == "write" and model.level == "read")
        model.ended = True
        if not twin:
            self.made[new] = Model(level, self.today, None, accepted=kept)

    @rule(blocked=st.booleans())
    def block(self, blocked: bool) -> None:
        service.block(citizen(GIVER), blocked=blocked)
        self.blocked = blocked

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.time.__exit__(None, None, None)
        self.now += dt.timedelta(days=days)
        self.time = clock.frozen(self.now)
        self.time.__enter__()
        Party.objects.update(told_at=self.now)  # the register has been asked
        service.look_after()

    @invariant()
    def the_decision_is_what_the_model_says(self) -> None:
        if not hasattr(self, "made"):
            return
        for action in ("read", "write"):
            expected = not self.blocked and any(
                one.carries(action, self.today) for one in self.made.values()
            )
            assert service.decide(ask(AGENT, GIVER, action=action)).allowed is expected
            assert not service.decide(ask(GIVER, AGENT, action=action)).allowed

    @invariant()
    def every_row_has_its_history(self) -> None:
        if not hasattr(self, "made"):
            return
        for row in Grant.objects.filter(source="samspill"):
            steps = list(Step.objects.filter(grant_id=row.id).values_list("what", flat=True))
            told = [one.type for one in events.story(row.id)]
            ended = {"withdrawn", "renounced", "declined", "changed"} & set(steps)
            assert steps[0] == "given"
            assert told[0] == "MandateGiven"
            assert bool(row.revoked_at) is bool(ended)


def test_whatever_is_done_the_history_and_the_decision_follow_the_model(register: Register):
    History.register = register
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
