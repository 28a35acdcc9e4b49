"""Addresses of the room. Identifiers are random; nothing in an address tells about a person."""

from __future__ import annotations

from django.urls import path

from samspill.cases.web import application, mypage

_DRAFT = "soknad/<uuid:draft_id>/"
_CASE = "min-side/sak/<uuid:case_id>/"

urlpatterns = [
    path("tjenester/<slug:package_id>/", application.service_page, name="service"),
    path("tjenester/<slug:package_id>/start/", application.start, name="application-start"),
    path(_DRAFT, application.resume, name="application"),
    path(f"{_DRAFT}mangler/", application.missing, name="application-missing"),
    path(f"{_DRAFT}se-over/", application.review, name="application-review"),
    path(f"{_DRAFT}send/", application.send, name="application-send"),
    path(f"{_DRAFT}slett/", application.discard, name="application-discard"),
    path(f"{_DRAFT}flytt/", application.move, name="application-move"),
    path(f"{_DRAFT}side/<str:page>/", application.form_page, name="application-page"),
    path("kvittering/<uuid:case_id>/", application.receipt, name="receipt"),
    path("kvittering/<uuid:case_id>/pdf/", application.receipt_pdf, name="receipt-pdf"),
    path("verifiser/", application.verify, name="verify"),
    path("min-side/", mypage.my_page, name="my-page"),
    path(_CASE, mypage.my_case, name="my-case"),
    path(f"{_CASE}melding/", mypage.write, name="my-case-write"),
    path(f"{_CASE}vedlegg/", mypage.add, name="my-case-add"),
    path(f"{_CASE}svar/<uuid:request_id>/", mypage.answered, name="my-case-answered"),
    path(f"{_CASE}klage/<uuid:decision_id>/", mypage.appeal, name="my-case-appeal"),
    path(f"{_CASE}stopp/", mypage.stop, name="my-case-stop"),
    path("vedlegg/<uuid:attachment_id>/", mypage.attachment, name="attachment"),
    path("brev/<uuid:letter_id>/", mypage.letter, name="letter"),
    path("brev/<uuid:letter_id>/pdf/", mypage.letter_pdf, name="letter-pdf"),
]
