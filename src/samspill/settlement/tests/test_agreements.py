"""Agreements: proposed, put forward, signed version by version, left, carried through mergers."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from samspill.impact import service as impact
from samspill.impact.tests.builders import LINES
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service as portfolio
from samspill.portfolio.tests.builders import (
    CITIZEN,
    DFD,
    HUSBANKEN,
    KS_COORDINATOR,
    MINISTRY,
    OTHER_OWNER,
    OWNER,
    SECRETARIAT,
    an_initiative,
    lead,
)
from samspill.settlement import service
from samspill.settlement.models import AgreementParty, AgreementVersion, Signature
from samspill.settlement.tests.builders import (
    LARGE,
    SMALL,
    a_gain,
    all_sign,
    an_agreement,
    published,
    terms_of,
)

pytestmark = pytest.mark.django_db


def refused(call: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(RefusedError) as error:
        call(*args, **kwargs)  # type: ignore[operator]
    return error.value.refused.code


def test_proposing_writes_shares_tests_and_payers_to_the_ore():
    view = an_agreement()
    assert sum(one.share for one in view.parties) == 100_000_00
    borne = {one.party: one.borne for one in view.parties if one.borne}
    assert borne == {HUSBANKEN: 250_000_00}
    assert view.tests["closes"] is True
    assert view.tests["per_inhabitant"][SMALL] > view.tests["per_inhabitant"][LARGE]
    assert [one.payer for one in view.payers] == ["key", "own", HUSBANKEN]
    assert view.state == "offered"


def test_the_register_is_told_who_has_not_signed():
    view = an_agreement()
    told = portfolio.evidence(view.initiative_id, "agreement", actor=OWNER)
    assert told is not None
    assert told.body["signed"] is False
    assert len(told.body["unsigned"]) == 3
    all_sign(view)
    told = portfolio.evidence(view.initiative_id, "agreement", actor=OWNER)
    assert told.body["signed"] is True
    assert told.body["unsigned"] == []


def test_signing_one_version_does_not_sign_the_next():
    view = an_agreement()
    all_sign(view)
    newer = service.propose(
        OWNER, initiative_id=view.initiative_id, title=view.title, agreement_id=view.id,
        terms_json=terms_of(withdrawal=0.25), reason="Mindre uttak",
    )  # fmt: skip
    assert newer.number == 2
    assert newer.signed == 0
    assert newer.in_force == 1
    assert refused(service.sign, lead(SMALL), agreement_id=view.id, version=1) == "not_this_version"
    assert refused(service.sign, lead(SMALL), agreement_id=view.id, version=2) == "not_offered"
    service.offer(OWNER, agreement_id=view.id)
    service.sign(lead(SMALL), agreement_id=view.id, version=2)
    assert Signature.objects.filter(party=SMALL).count() == 2


def test_signing_twice_is_one_signature():
    view = an_agreement()
    first = service.sign(lead(SMALL), agreement_id=view.id, version=1)
    again = service.sign(lead(SMALL), agreement_id=view.id, version=1)
    assert first == again
    assert Signature.objects.count() == 1


@pytest.mark.parametrize(
    ("actor", "code"),
    [
        (CITIZEN, "role_needed"),
        (SECRETARIAT, "role_needed"),
        (KS_COORDINATOR, "not_a_party"),
        (MINISTRY, "not_a_party"),
        (OTHER_OWNER, "not_a_party"),
    ],
)
def test_only_parties_sign(actor: object, code: str):
    initiative = published()
    view = an_agreement(initiative)
    assert refused(service.sign, actor, agreement_id=view.id, version=1) == code


def test_another_municipality_is_no_party():
    initiative = published()
    view = an_agreement(initiative)
    assert refused(service.sign, lead("4601"), agreement_id=view.id, version=1) == "not_a_party"


def test_a_ministry_that_is_a_party_signs():
    initiative = published()
    view = an_agreement(initiative, others=[HUSBANKEN, DFD])
    assert service.sign(MINISTRY, agreement_id=view.id, version=1).party == DFD


@pytest.mark.parametrize("actor", [CITIZEN, KS_COORDINATOR, MINISTRY])
def test_others_do_not_propose(actor: object):
    about = an_initiative()
    assert refused(
        service.propose, actor, initiative_id=about.id, title="x", terms_json=terms_of()
    ) == "role_needed"  # fmt: skip


def test_another_agency_does_not_propose():
    about = published()
    assert refused(
        service.propose, OTHER_OWNER, initiative_id=about.id, title="x", terms_json=terms_of()
    ) == "not_owner"  # fmt: skip


def test_a_draft_is_for_those_who_decide_and_an_offer_for_everybody():
    initiative = published()
    made = service.propose(OWNER, initiative_id=initiative.id, title="x", terms_json=terms_of())
    assert refused(service.get, made.id, actor=None) == "not_found"
    assert service.get(made.id, actor=KS_COORDINATOR).number == 1
    assert service.list_agreements(None) == []
    service.offer(OWNER, agreement_id=made.id)
    assert service.get(made.id, actor=None).number == 1
    assert len(service.list_agreements(None)) == 1


def test_everybody_is_shown_the_version_in_force_beside_a_new_draft():
    initiative = published()
    view = an_agreement(initiative)
    all_sign(view)
    service.propose(OWNER, initiative_id=initiative.id, title="Ny", agreement_id=view.id, terms_json=terms_of())  # fmt: skip
    assert service.get(view.id, actor=None).number == 1
    assert service.get(view.id, actor=None, version=2).number == 1
    assert service.get(view.id, actor=OWNER).number == 2


def test_a_line_without_payer_is_not_put_forward():
    about = published()
    made = service.propose(
        OWNER, initiative_id=about.id, title="x", terms_json=terms_of(lines=[{"name": "Drift"}])
    )
    assert refused(service.offer, OWNER, agreement_id=made.id) == "payer_missing"
    told = portfolio.evidence(about.id, "agreement", actor=OWNER)
    assert told is not None
    assert told.body["lines_without_payer"] == ["Drift"]


def test_sums_that_do_not_close_are_not_put_forward():
    lines = [{"name": "Drift", "payer": "key", "amount": 99_999.99}]
    made = service.propose(
        OWNER, initiative_id=an_initiative().id, title="x", terms_json=terms_of(lines=lines)
    )
    assert not made.closes
    assert refused(service.offer, OWNER, agreement_id=made.id) == "sums_open"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"first_year": 2030}, "bad_period"),
        ({"lines": [{"name": "x", "payer": "4601"}]}, "unknown_party"),
        ({"others": [HUSBANKEN, HUSBANKEN]}, "duplicate_party"),
        ({"others": ["12345"]}, "unknown_party"),
        ({"settle_on": "02-29"}, "wrong_kind"),
        ({"gain_key": "mine"}, "unknown_choice"),
        ({"compensation": True}, "compensation_impossible"),
        ({"surprise": 1}, "unknown_field"),
        ({"lines": [{"name": "a\x00b", "payer": "key"}]}, "wrong_kind"),
        ({"tariff": {"per_inhabitant_year": 10**15}}, "too_large"),
        ({"exit_notice_months": 10**9}, "too_large"),
    ],
)
def test_terms_that_cannot_be_used_are_refused(changes: dict[str, object], code: str):
    assert refused(
        service.propose, OWNER, initiative_id=an_initiative().id, title="x",
        terms_json=terms_of(**changes),
    ) == code  # fmt: skip
    assert not AgreementVersion.objects.exists()


def test_compensation_lifts_everybody_to_zero():
    sharing = {
        "key": "equal",
        "total": 90_000,
        "parties": [{"id": SMALL, "gain": 1000}, {"id": LARGE, "gain": 150_000}],
    }
    view = an_agreement(sharing=sharing, tariff=None, lines=[], others=[], compensation=True)
    by_party = {one.party: one for one in view.parties}
    assert by_party[SMALL].net == 0
    assert by_party[SMALL].transfer == 3 * 44_000_00
    assert by_party[LARGE].transfer == -by_party[SMALL].transfer


def test_expected_gains_come_from_the_plan_when_none_are_given():
    initiative = published()
    a_gain(initiative.id)
    view = an_agreement(initiative, first_year=2026, last_year=2026)
    gains = {one.party: one.expected_gain for one in view.parties if one.expected_gain}
    # 1200 cases × 10 minutes = 200 hours at 600 kroner.
    assert abs(sum(gains.values()) - 120_000_00) <= 1
    assert gains[LARGE] > gains[SMALL]


def test_all_municipalities_can_be_parties_with_their_inhabitants():
    sharing = {"key": "inhabitants", "total": 9_000_000, "parties": "all"}
    view = an_agreement(sharing=sharing, lines=[], tariff=None)
    assert len(view.parties) == 358
    assert sum(one.share for one in view.parties) == 9_000_000_00


def test_leaving_binds_to_the_end_of_the_year_when_the_notice_is_over():
    view = an_agreement(exit_notice_months=6)
    assert refused(service.withdraw_from, lead(SMALL), agreement_id=view.id, reason="") == "not_signed"  # fmt: skip
    all_sign(view)
    with clock.frozen(dt.date(2026, 8, 31)):
        leaves = service.withdraw_from(lead(SMALL), agreement_id=view.id, reason="Eget system")
        again = service.withdraw_from(lead(SMALL), agreement_id=view.id, reason="")
    assert leaves == again == dt.date(2027, 12, 31)


def test_one_that_leaves_does_not_sign_the_next_version():
    view = an_agreement()
    all_sign(view)
    service.withdraw_from(lead(SMALL), agreement_id=view.id, reason="")
    service.propose(OWNER, initiative_id=view.initiative_id, title="Ny", agreement_id=view.id, terms_json=terms_of())  # fmt: skip
    service.offer(OWNER, agreement_id=view.id)
    assert refused(service.sign, lead(SMALL), agreement_id=view.id, version=2) == "has_left"


@pytest.mark.parametrize("model", [AgreementVersion, AgreementParty, Signature])
def test_what_was_agreed_is_never_changed_or_deleted(model: type):
    view = an_agreement()
    all_sign(view)
    for act in (
        lambda: model.objects.all().delete(),
        lambda: model.objects.update(
            **{"sha256" if model is not AgreementParty else "name": "x" * 64}
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_a_municipality_of_today_signs_for_one_that_was_merged_into_it():
    """Forsand (1129) went into Sandnes (1108) on 1 January 2020."""
    with clock.frozen(dt.date(2019, 5, 1)):
        initiative = published()
        view = an_agreement(
            initiative,
            first_year=2019,
            last_year=2021,
            sharing={"key": "equal", "total": 100, "parties": ["1129", "1106"]},
            tariff=None,
            lines=[],
            others=[],
        )
    with clock.frozen(dt.date(2020, 2, 1)):
        assert service.sign(lead("1108"), agreement_id=view.id, version=1).party == "1129"


def test_testing_a_key_stores_nothing():
    outcome = service.test_key(lead(SMALL), initiative_id=published().id, terms_json=terms_of())
    assert outcome.closes
    assert not AgreementVersion.objects.exists()


def test_every_line_of_cost_of_the_initiative_needs_a_payer():
    initiative = published()
    impact.save_lines(OWNER, initiative_id=initiative.id, lines=LINES, take=0)
    view = an_agreement(initiative)
    told = portfolio.evidence(initiative.id, "agreement", actor=OWNER)
    assert told is not None
    assert told.body["lines_without_payer"] == ["adapter"]
    lines = [{"name": "Adapter", "payer": "own"}]
    newer = service.propose(
        OWNER, initiative_id=initiative.id, title="Ny", agreement_id=view.id,
        terms_json=terms_of(lines=lines),
    )  # fmt: skip
    told = portfolio.evidence(initiative.id, "agreement", actor=OWNER)
    assert told.body["lines_without_payer"] == []
    assert newer.number == 2


def test_nothing_more_is_signed_under_an_agreement_that_is_ended():
    view = an_agreement()
    assert refused(service.end, KS_COORDINATOR, agreement_id=view.id) == "role_needed"
    assert service.end(OWNER, agreement_id=view.id).state == "ended"
    assert service.end(OWNER, agreement_id=view.id).state == "ended"
    assert refused(service.sign, lead(SMALL), agreement_id=view.id, version=1) == "not_offered"
    assert refused(
        service.propose, OWNER, initiative_id=view.initiative_id, title="x", agreement_id=view.id,
        terms_json=terms_of(),
    ) == "agreement_ended"  # fmt: skip
