"""Altinn's decision point: what is a yes and what is not, and the adapter against the stand-in in every mode."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from samspill.infra.models import AccessEntry
from samspill.kernel.actor import system
from samspill.kernel.ids import NationalId
from samspill.registers import service
from samspill.registers.adapters import altinn, clients
from samspill.registers.domain import Ask
from samspill.registers.domain.reading import WireError
from samspill.registers.service import Declaration, Found, Unavailable
from samspill.sandbox.altinn import HOUSING_BENEFIT, START_LOAN
from samspill.sandbox.testing import Running

LEVEL = "urn:altinn:minimum-authenticationlevel"


def number(text: str) -> NationalId:
    found = NationalId.parse(text, allow_synthetic=True, allow_real=False)
    assert isinstance(found, NationalId)
    return found


PARTY = number("17912099997")


def duty(value: Any = "3", category: Any = LEVEL, **more: Any) -> dict[str, Any]:
    return {"id": "o", "attributeAssignment": [{"category": category, "value": value, **more}]}


def result(
    decision: Any = "Permit",
    *,
    action: str = "read",
    resource: str = "r",
    party: str = PARTY.value,
    obligations: Any = None,
) -> dict[str, Any]:
    told = {
        "Decision": decision,
        "Category": [
            {"Attribute": [{"AttributeId": altinn.ACTION, "Value": action}]},
            {
                "Attribute": [
                    {"AttributeId": altinn.RESOURCE, "Value": resource},
                    {"AttributeId": altinn.PERSON, "Value": party},
                ]
            },
        ],
    }
    return told if obligations is None else {**told, "Obligations": obligations}


def read(*results: Any) -> dict[tuple[str, str], str]:
    return altinn.read_answer({"Response": list(results)}, PARTY)


YES = ("r", "read")


@pytest.mark.parametrize(
    ("value", "level"), [("2", "low"), ("3", "substantial"), ("4", "high"), (3, "substantial")]
)
def test_a_permit_says_the_login_that_it_demands(value: Any, level: str) -> None:
    assert read(result(obligations=[duty(value)])) == {YES: level}
    assert read(result()) == {YES: "none"}
    assert read(result(obligations=[duty("2"), duty(value)])) == {YES: level}  # the strongest


@pytest.mark.parametrize(
    "decision", ["Deny", "NotApplicable", "Indeterminate", "permit", "", None, True, 1]
)
def test_nothing_but_permit_is_a_yes(decision: Any) -> None:
    assert read(result(decision)) == {}


@pytest.mark.parametrize(
    "obligations",
    [
        [duty(category="urn:altinn:something-new")],
        [duty(), duty(category=None)],
        [duty("5")],
        [duty("-1")],
        [duty("three")],
        [duty(None)],
        [duty(value=True)],
        [duty(3.5)],
        [{"id": "o"}],
        [{"id": "o", "attributeAssignment": []}],
        ["o"],
        "o",
    ],
)
def test_an_obligation_that_we_do_not_understand_is_no(obligations: Any) -> None:
    assert read(result(obligations=obligations)) == {}


def test_what_machines_of_organisations_must_have_is_not_demanded_of_persons() -> None:
    both = [duty("3"), duty("4", f"{LEVEL}-org")]
    assert read(result(obligations=both)) == {YES: "substantial"}


def test_a_result_belongs_to_what_it_repeats_and_not_to_its_place() -> None:
    told = read(result("Deny", action="write"), result(action="read"), result(resource="other"))
    assert told == {YES: "none", ("other", "read"): "none"}
    assert read(result(party="17912099998")) == {}
    assert read({"Decision": "Permit"}) == {}
    assert read(result(), result("Deny")) == {}  # told twice: we do not know which holds
    twofold = result()
    twofold["Category"].append({"Attribute": [{"AttributeId": altinn.ACTION, "Value": "write"}]})
    assert read(twofold) == {}


def test_names_in_small_letters_are_read_too() -> None:
    small = {
        "response": [
            {
                "decision": "Permit",
                "obligations": [duty()],
                "category": [
                    {"attribute": [{"attributeId": altinn.ACTION, "value": "read"}]},
                    {"attribute": [{"attributeId": altinn.RESOURCE, "value": "r"}]},
                    {"attribute": [{"attributeId": altinn.PERSON, "value": PARTY.value}]},
                ],
            }
        ]
    }
    assert altinn.read_answer(small, PARTY) == {YES: "substantial"}


@pytest.mark.parametrize("answer", [{}, {"Response": None}, {"Response": {}}, {"Response": ["x"]}])
def test_an_answer_of_another_form_is_no_answer(answer: Any) -> None:
    with pytest.raises(WireError):
        altinn.read_answer(answer, PARTY)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 5) | st.sampled_from(["Permit", LEVEL, "r", "3"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Decision", "Obligations", "attributeAssignment", "category", "value"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@limits(max_examples=60)
@given(obligations=_JSON, decision=_JSON)
def test_no_answer_makes_it_fall_over_or_permits_more_than_it_says(
    obligations: Any, decision: Any
) -> None:
    try:
        told = read(result(decision, obligations=obligations))
    except WireError:
        return
    assert not told or decision == "Permit"


def test_without_an_agent_nobody_is_asked_about() -> None:
    ask_of_nobody = Ask((PARTY,), dt.date(2026, 11, 1), params={"resources": ["r"]})
    assert altinn.rights(ask_of_nobody) == {PARTY: {"holders": []}}


def test_a_resource_that_cannot_be_one_is_never_sent() -> None:
    with pytest.raises(ValueError, match="resource id"):
        altinn._ids(["samspill", "Æ b"])


# -- against the stand-in ------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def ask(sandbox: Running, party: str, *resources: str, agent: str = "self_employed") -> Any:
    of = sandbox.population.applicant
    declared = Declaration(
        "mandates", "1", "altinn", "altinn.rights", "lov § 1", "find out who may act for whom",
        params={
            "agent": number(of(agent).national_id),
            "resources": resources or (HOUSING_BENEFIT, START_LOAN),
        },
    )  # fmt: skip
    return service.lookup(
        actor=system("test"), declaration=declared, person=number(of(party).national_id),
        on=dt.date(2026, 11, 1),
    )  # fmt: skip


def held(answer: Any) -> list[tuple[str, str, str]]:
    assert isinstance(answer, Found), answer
    return [(one["resource"], one["level"], one["eid"]) for one in answer.data["holders"]]


def test_who_has_been_given_a_right_has_it_and_nobody_else(sandbox: Running) -> None:
    yes = [(HOUSING_BENEFIT, "write", "substantial")]
    assert held(ask(sandbox, "tenant_with_wealth")) == yes
    assert held(ask(sandbox, "single_pensioner")) == [(HOUSING_BENEFIT, "read", "substantial")]
    assert held(ask(sandbox, "adapted_dwelling")) == [
        (HOUSING_BENEFIT, "read", "substantial"),
        (HOUSING_BENEFIT, "write", "high"),
    ]
    assert held(ask(sandbox, "owner_with_loan")) == [(START_LOAN, "write", "substantial")]
    assert held(ask(sandbox, "municipal_tenant")) == []  # an obligation that nobody knows
    assert held(ask(sandbox, "tenant_with_wealth", agent="capital_income")) == []
    assert held(ask(sandbox, "self_employed", agent="tenant_with_wealth")) == []  # never reversed
    entry = AccessEntry.objects.latest("id")
    assert (entry.action, entry.detail["register"]) == ("lookup", "altinn.rights")
    assert entry.subject_id is not None


@pytest.mark.parametrize(
    ("mode", "how", "kind"),
    [
        ("down", "503", "unavailable"),
        ("down", "close", "unavailable"),
        ("wrong_schema", "503", "invalid"),
        ("throttled", "503", "throttled"),
    ],
)
def test_when_altinn_fails_it_is_no_answer(
    sandbox: Running, mode: str, how: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "PERSON_BUDGET_S", 1.0)
    sandbox.switches.set("altinn", mode, how=how)
    answer = ask(sandbox, "tenant_with_wealth")
    assert isinstance(answer, Unavailable)
    assert (answer.kind, answer.component) == (kind, "altinn")


def test_a_slow_altinn_costs_no_more_than_the_budget(
    sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert held(ask(sandbox, "tenant_with_wealth"))
    monkeypatch.setattr(clients, "PERSON_BUDGET_S", 0.2)
    sandbox.switches.set("altinn", "slow", seconds=0.6, times=1)
    answer = ask(sandbox, "tenant_with_wealth")
    assert isinstance(answer, Unavailable)
    assert answer.kind == "unavailable"


def test_one_failed_call_is_tried_again_and_a_refused_token_is_exchanged_anew(
    sandbox: Running,
) -> None:
    sandbox.switches.set("altinn", "down", times=1)
    assert held(ask(sandbox, "tenant_with_wealth"))
    exchanged = clients._client(altinn.COMPONENT, f"{sandbox.base_url}/altinn")._auth
    exchanged._kept = (exchanged._kept[0], "altinn-revoked-by-altinn")  # type: ignore[union-attr]
    assert held(ask(sandbox, "tenant_with_wealth"))


def test_five_failures_leave_it_in_peace(sandbox: Running) -> None:
    sandbox.switches.set("altinn", "down")
    for _ in range(2):
        ask(sandbox, "tenant_with_wealth")
    sandbox.switches.set("altinn", "normal")
    answer = ask(sandbox, "tenant_with_wealth")
    assert isinstance(answer, Unavailable)
    assert answer.retry_after is not None


def test_without_the_key_of_the_subscription_we_are_denied(sandbox: Running) -> None:
    settings.SAMSPILL["registers"]["altinn"]["subscription_key"] = ""
    answer = ask(sandbox, "tenant_with_wealth")
    assert isinstance(answer, Unavailable)
    assert answer.kind == "denied"


def test_a_token_that_is_none_is_refused(sandbox: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox.switches.set("altinn", "wrong_schema", times=1)  # the exchange answers something else
    answer = ask(sandbox, "tenant_with_wealth")
    assert isinstance(answer, Unavailable)
    assert answer.kind == "invalid"
