"""Addresses of the room."""

from __future__ import annotations

from django.urls import path

from samspill.mandates.web import acting, authzen, counter, organisations, own, sources

urlpatterns = [
    path("access/v1/evaluation", authzen.evaluation, name="authzen-evaluation"),
    path("access/v1/evaluations", authzen.evaluations, name="authzen-evaluations"),
    path("access/v1/search/subject", authzen.search, {"what": "subject"}, name="authzen-search-subject"),
    path("access/v1/search/resource", authzen.search, {"what": "resource"}, name="authzen-search-resource"),
    path("access/v1/search/action", authzen.search, {"what": "action"}, name="authzen-search-action"),
    path(".well-known/authzen-configuration", authzen.configuration, name="authzen-configuration"),
]  # fmt: skip
urlpatterns += [
    path("fullmakter/", own.mandates, name="mandates"),
    path("fullmakter/gi/", own.give, name="mandate-give"),
    path("fullmakter/bruk/", own.uses, name="mandate-uses"),
    path("fullmakter/sperr/", own.block, name="mandate-block"),
    path("fullmakter/kilder/", sources.show, name="mandate-sources"),
    path("fullmakter/virksomhet/", organisations.choose, name="mandate-organisations"),
    path(
        "fullmakter/virksomhet/<str:org_no>/",
        organisations.organisation,
        name="mandate-organisation",
    ),
    path("fullmakter/opptre/", acting.act_for, name="mandate-act"),
    path("fullmakter/opptre/slutt/", acting.stop, name="mandate-act-stop"),
    path("fullmakter/opptre/<uuid:mandate_id>/", acting.confirm, name="mandate-act-confirm"),
    path("fullmakter/<uuid:mandate_id>/", own.mandate, name="mandate"),
    path("fullmakter/<uuid:mandate_id>/svar/", own.decide, name="mandate-decide"),
    path("fullmakter/<uuid:mandate_id>/endre/", own.change, name="mandate-change"),
    path("fullmakter/brev/<uuid:notice_id>/", own.letter, name="mandate-notice"),
    path("fullmakter/<uuid:mandate_id>/papir/", own.scan, name="mandate-own-scan"),
    path("fullmakter/<uuid:mandate_id>/pdf/", own.printed, name="mandate-pdf"),
    path("arbeid/fullmakter/", counter.papers, name="mandate-papers"),
    path("arbeid/fullmakter/papir/", counter.register, name="mandate-register"),
    path("arbeid/fullmakter/telefon/", counter.phone, name="mandate-phone"),
    path("arbeid/fullmakter/brukere/", organisations.users, name="mandate-users"),
    path("arbeid/fullmakter/sperr/", counter.shut, name="mandate-shut"),
    path("arbeid/fullmakter/<uuid:mandate_id>/", counter.paper, name="mandate-paper"),
    path("arbeid/fullmakter/brev/<uuid:notice_id>/", counter.post, name="mandate-notice-post"),
    path("arbeid/fullmakter/<uuid:mandate_id>/papir/", counter.scan, name="mandate-scan"),
    path("arbeid/fullmakter/<uuid:mandate_id>/bekreft/", counter.approve, name="mandate-approve"),
    path("arbeid/fullmakter/<uuid:mandate_id>/avslutt/", counter.end, name="mandate-paper-end"),
    path("arbeid/fullmakter/<uuid:mandate_id>/brev/", counter.letter, name="mandate-letter"),
]
