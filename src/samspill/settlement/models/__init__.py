"""The rows of the room `settlement`, split by meaning; no decisions are taken here. Money is whole øre."""

from samspill.settlement.models.agreement import (
    AGREEMENT_STATES,
    Agreement,
    AgreementParty,
    AgreementVersion,
    Exit,
    Payer,
    Signature,
)
from samspill.settlement.models.gains import (
    CaseMeasure,
    GainItem,
    GainTarget,
    Observation,
    TakenOut,
)
from samspill.settlement.models.settled import Settlement, SettlementLine, Statement

__all__ = [
    "AGREEMENT_STATES",
    "Agreement",
    "AgreementParty",
    "AgreementVersion",
    "CaseMeasure",
    "Exit",
    "GainItem",
    "GainTarget",
    "Observation",
    "Payer",
    "Settlement",
    "SettlementLine",
    "Signature",
    "Statement",
    "TakenOut",
]
