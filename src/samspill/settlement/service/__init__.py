"""The door to settlement: share, price, agree, plan and measure gains, settle.

Commands:    share_json, tariff_json
Agreements:  test_key, propose, offer, sign, withdraw_from, end, get, list_agreements
Gains:       plan_gain, end_gain, report_observation, take_out, hours, national; observe (hears the events of `cases`)
Back:        send_back (subscriber of `SettlementClosed`; job when a year is over), settled_costs
Settlement:  settle, settlement, list_settlements, statement, statement_pdf, statement_csv, settlement_csv

A function either answers with a value or raises `RefusedError` with what, where and the remedy.
"""

from samspill.settlement.domain.share import share_json
from samspill.settlement.domain.tariff import tariff_json
from samspill.settlement.service.agreements import (
    end,
    get,
    list_agreements,
    offer,
    propose,
    sign,
    test_key,
    withdraw_from,
)
from samspill.settlement.service.gains import (
    GainView,
    HoursView,
    end_gain,
    hours,
    plan_gain,
    report_observation,
    take_out,
)
from samspill.settlement.service.observing import observe
from samspill.settlement.service.returning import send_back, settled_costs
from samspill.settlement.service.scaling import National, national
from samspill.settlement.service.settling import settle
from samspill.settlement.service.statements import (
    SettlementView,
    StatementView,
    list_settlements,
    settlement,
    settlement_csv,
    statement,
    statement_csv,
    statement_pdf,
)
from samspill.settlement.service.views import AgreementView, PartyView, SignatureView

__all__ = [
    "AgreementView",
    "GainView",
    "HoursView",
    "National",
    "PartyView",
    "SettlementView",
    "SignatureView",
    "StatementView",
    "end",
    "end_gain",
    "get",
    "hours",
    "list_agreements",
    "list_settlements",
    "national",
    "observe",
    "offer",
    "plan_gain",
    "propose",
    "report_observation",
    "send_back",
    "settle",
    "settled_costs",
    "settlement",
    "settlement_csv",
    "share_json",
    "sign",
    "statement",
    "statement_csv",
    "statement_pdf",
    "take_out",
    "tariff_json",
    "test_key",
    "withdraw_from",
]
