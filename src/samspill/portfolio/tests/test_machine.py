"""The way of an initiative against a small model: whatever is tried in whatever order, the two agree on what happens."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service
from samspill.portfolio.domain import states
from samspill.portfolio.models import Initiative, Transition
from samspill.portfolio.tests.builders import (
    KS_COORDINATOR,
    MINISTRY,
    OWNER,
    an_assessment,
    an_initiative,
    answers,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 2)
ACTORS = {"owner": OWNER, "ks": KS_COORDINATOR, "ministry": MINISTRY}
SIGN = st.tuples(
    st.just("sign"), st.sampled_from(["owner", "ks"]), st.sampled_from(["none", "material"])
)
MOVE = st.tuples(
    st.just("move"),
    st.sampled_from(["owner", "owner", "ministry"]),
    st.sampled_from(
        ["relevance", "involved", "assessed", "not_relevant", "prioritised", "deferred", "stopped"]
    ),
)
OTHER = st.tuples(st.sampled_from(["assess", "edit", "wait"]), st.just("owner"), st.just(""))


class Model:
    """What ought to hold, in a few lines: state, version, verdicts, assessment, days gone."""

    def __init__(self) -> None:
        self.state, self.version, self.day, self.steps = "registered", 1, 0, 1
        self.verdicts: dict[str, tuple[str, int, int]] = {}
        self.assessed = 0

    def settled(self) -> str:
        """Return the verdict that holds, or nothing as long as the sides are not done."""
        newest = max((version for _v, version, _d in self.verdicts.values()), default=0)
        said = {s: (v, d) for s, (v, version, d) in self.verdicts.items() if version == newest}
        if len(said) == 2:
            return "material" if "material" in {v for v, _d in said.values()} else "none"
        (one,) = said.values() if said else ((("", 0)),)
        return one[0] if one[0] and self.day > one[1] + 14 else ""

    def may(self, actor: str, to: str) -> bool:
        """Tell whether a step is there, is the actor's, and lacks nothing."""
        step = states.step(self.state, to)
        role = {"owner": states.OWNER, "ks": states.KS, "ministry": states.MINISTRY}[actor]
        unseen = self.state == "registered" and actor != "owner"  # a working paper is its owner's
        if unseen or step is None or role not in step.by:
            return False
        return {
            "involved": self.settled() == "material" or self.state != "relevance",
            "not_relevant": self.settled() == "none",
            "assessed": self.assessed == self.version,
            "prioritised": False,  # no round is open in this world
        }.get(to, True)


def act(model: Model, made_id, kind: str, actor: str, what: str) -> None:
    """Do one thing in the real room and in the model, and see that both say the same."""
    with clock.frozen(DAY + dt.timedelta(days=model.day)):
        if kind == "wait":
            model.day += 15
        elif kind == "edit":
            ended = model.state in states.FINAL
            done = tried(
                lambda: service.edit(
                    OWNER, initiative_id=made_id, values={"summary": f"{model.version}"}
                )
            )
            assert done is not ended
            model.version += done
        elif kind == "assess":
            service.deposit(OWNER, initiative_id=made_id, kind="assessment", body=an_assessment())
            model.assessed = model.version
        elif kind == "sign":
            is_open = model.state not in {*states.FINAL, "registered", "not_relevant"}
            assert tried(lambda: sign(ACTORS[actor], made_id, what)) is is_open
            if is_open:
                remember(model, actor, what)
        else:
            expected = model.may(actor, what) or (model.state == what and repeated(model, actor))
            assert tried(lambda: move(ACTORS[actor], made_id, what)) is expected, (
                model.state,
                what,
            )
            if expected and model.state != what:
                model.state, model.steps, model.came_from = what, model.steps + 1, model.state


def remember(model: Model, side: str, verdict: str) -> None:
    """Keep a verdict; the same one again on the same version does not start the clock anew."""
    before = model.verdicts.get(side)
    if before is None or before[:2] != (verdict, model.version):
        model.verdicts[side] = (verdict, model.version, model.day)


def repeated(model: Model, actor: str) -> bool:
    """Tell whether the actor may ask again for the step that was taken last."""
    step = states.step(getattr(model, "came_from", ""), model.state)
    role = states.OWNER if actor == "owner" else states.MINISTRY
    return step is not None and role in step.by


def sign(actor, made_id, verdict: str) -> None:
    service.sign_relevance(actor, initiative_id=made_id, verdict=verdict, criteria=answers())


def move(actor, made_id, to: str) -> None:
    service.move(actor, initiative_id=made_id, to=to, reason="Because.")


def tried(do) -> bool:
    """Tell whether it was done; a refusal changes nothing."""
    try:
        with transaction.atomic():
            do()
    except RefusedError:
        return False
    return True


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.one_of(MOVE, MOVE, SIGN, OTHER), max_size=14))
def test_the_room_and_the_model_agree_on_every_step(acts) -> None:
    with transaction.atomic():
        with clock.frozen(DAY):
            made = an_initiative()
        model = Model()
        for kind, actor, what in acts:
            act(model, made.id, kind, actor, what)
            row = Initiative.objects.get(id=made.id)
            assert (row.state, row.version) == (model.state, model.version)
            assert Transition.objects.filter(initiative=row).count() == model.steps
        transaction.set_rollback(True)
