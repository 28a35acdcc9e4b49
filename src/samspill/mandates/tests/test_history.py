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
from samspill.mandates.models import Grant, Organisation, Party, Step
from samspill.mandates.service import giving
from samspill.mandates.tests.builders import (
    OTHER_ORG,
    Register,
    ask,
    citizen,
    employee,
    number,
    offer,
)

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
        self.shut: set[int] = set()
        self.to_organisation: dict[uuid.UUID, Model] = {}
        self.user: uuid.UUID | None = None
        self.leader = employee(4, "municipality_leader", org_no=OTHER_ORG)
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

    def _ask(self) -> None:
        """Let the organisation be asked about: it is when somebody of it first asks, and stands for a day."""
        service.decide_fresh(citizen(AGENT), ask(AGENT, GIVER))

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
        more = level == "write" and model.level == "read"
        longer = model.last is not None or self.today < model.first
        kept = model.accepted and not more and not longer
        model.ended = True
        if not twin:
            self.made[new] = Model(level, self.today, None, accepted=kept)

    @rule(at=st.integers(0, 9), who=WHO, days=st.integers(31, 60))
    def renew(self, at: int, who: int, days: int) -> None:
        made = self._one(at)
        if made is None:
            return
        model, last = self.made[made], self.today + dt.timedelta(days=days)
        row = Grant.objects.get(id=made)
        asked = giving.renewal_offer(row, last)

        def act() -> uuid.UUID:
            text = service.preview_change(citizen(who), mandate_id=made, offer=asked)
            return service.renew(citizen(who), mandate_id=made, valid_to=last, text_sha256=text.sha256)  # fmt: skip

        near = model.last is not None and self.today >= model.last - dt.timedelta(days=30)
        over = model.last is not None and self.today > model.last
        in_force = model.accepted and model.first <= self.today
        may = who == GIVER and not model.ended and near and (over or in_force)
        twin = any(
            (one.first, one.last, one.level, one.ended) == (self.today, last, model.level, False)
            for key, one in self.made.items()
            if key != made
        )
        new = self._try(allowed=may, act=act)
        if new is None:
            return
        model.ended = True
        if not twin:
            self.made[new] = Model(model.level, self.today, last, accepted=model.accepted)

    @rule(who=st.sampled_from([GIVER, AGENT]), blocked=st.booleans())
    def block(self, who: int, blocked: bool) -> None:
        service.block(citizen(who), blocked=blocked)
        self.shut = self.shut | {who} if blocked else self.shut - {who}

    @rule(level=st.sampled_from(["read", "write"]))
    def give_to_organisation(self, level: Any) -> None:
        """Give the organisation a mandate, which its leader accepts at once."""
        asked = offer(0, agent_number="", agent_org_no=OTHER_ORG, agent_org_name="Hjelpen", level=level)  # fmt: skip
        text = service.preview(citizen(GIVER), asked)
        made = service.give(citizen(GIVER), asked, text_sha256=text.sha256)
        service.accept_for_organisation(self.leader, mandate_id=made)
        self.to_organisation.setdefault(made, Model(level, self.today, None, accepted=True))
        self._ask()

    @rule(at=st.integers(0, 9), by_leader=st.booleans())
    def end_for_organisation(self, at: int, by_leader: bool) -> None:
        standing = [key for key, one in self.to_organisation.items() if not one.ended]
        if not standing:
            return
        made = standing[at % len(standing)]
        if by_leader:
            service.accept_for_organisation(self.leader, mandate_id=made, yes=False)
        else:
            service.withdraw(citizen(GIVER), mandate_id=made)
        self.to_organisation[made].ended = True

    @rule(named=st.booleans())
    def name_or_end_a_user(self, named: bool) -> None:
        if named:
            self.user = service.name_user(self.leader, number=number(AGENT).value, family="Prøve2")
            self._ask()
        elif self.user is not None:
            service.end_user(self.leader, user_id=self.user)
            self.user = None

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.time.__exit__(None, None, None)
        self.now += dt.timedelta(days=days)
        self.time = clock.frozen(self.now)
        self.time.__enter__()
        Party.objects.update(told_at=self.now)  # the registers have been asked
        Organisation.objects.update(told_at=self.now)
        service.look_after()

    @invariant()
    def the_decision_is_what_the_model_says(self) -> None:
        if not hasattr(self, "made"):
            return
        for action in ("read", "write"):
            helps = self.to_organisation.values() if self.user is not None else ()
            given = [*self.made.values(), *helps]
            expected = not self.shut and any(one.carries(action, self.today) for one in given)
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
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
