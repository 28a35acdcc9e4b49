"""Addresses of the room."""

from __future__ import annotations

from django.urls import path

from samspill.settlement.web import agreements, gain_plan, proposing, settlements

_AGREEMENT = "avtaler/<uuid:agreement_id>/"
_PLAN = "gevinstplan/<uuid:initiative_id>/"
_SETTLED = "avregning/<uuid:settlement_id>/"
_STATEMENT = f"{_SETTLED}<slug:party>/"

urlpatterns = [
    path("avtaler/", agreements.agreements, name="agreements"),
    path("avtaler/ny/<uuid:initiative_id>/", proposing.propose, name="agreement-propose"),
    path(_AGREEMENT, agreements.agreement, name="agreement"),
    path(f"{_AGREEMENT}legg-fram/", agreements.offer, name="agreement-offer"),
    path(f"{_AGREEMENT}signer/", agreements.sign, name="agreement-sign"),
    path(f"{_AGREEMENT}tre-ut/", agreements.leave, name="agreement-leave"),
    path(f"{_AGREEMENT}avregn/", agreements.settle, name="agreement-settle"),
    path(f"{_AGREEMENT}avslutt/", agreements.end, name="agreement-end"),
    path(_PLAN, gain_plan.gain_plan, name="gain-plan"),
    path(f"{_PLAN}ny/", gain_plan.plan, name="gain-plan-new"),
    path(f"{_PLAN}<uuid:gain_id>/meld/", gain_plan.report, name="gain-report"),
    path(f"{_PLAN}<uuid:gain_id>/ta-ut/", gain_plan.take_out, name="gain-take-out"),
    path(f"{_PLAN}<uuid:gain_id>/avslutt/", gain_plan.end, name="gain-end"),
    path("avregning/", settlements.settlements, name="settlements"),
    path(_SETTLED, settlements.settled, name="settlement"),
    path(f"{_SETTLED}csv/", settlements.settled_csv, name="settlement-csv"),
    path(f"{_STATEMENT}oppgjor/", settlements.statement, name="statement"),
    path(f"{_STATEMENT}pdf/", settlements.statement_pdf, name="statement-pdf"),
    path(f"{_STATEMENT}csv/", settlements.statement_csv, name="statement-csv"),
]
