"""Addresses of the room. Identifiers are random; nothing in an address tells about a person."""

from __future__ import annotations

from django.urls import path

from samspill.cases.web import (
    access_review,
    agency,
    application,
    calculator,
    deciding,
    gains_page,
    handling,
    mypage,
    outside,
    paper,
    staff,
    term_pages,
)

_DRAFT = "soknad/<uuid:draft_id>/"
_CASE = "min-side/sak/<uuid:case_id>/"
_STAFF = "arbeid/sak/<uuid:case_id>/"
_TERM = "etat/terminer/<slug:package_id>/<str:term>/"

urlpatterns = [
    path("tjenester/<slug:package_id>/", application.service_page, name="service"),
    path("tjenester/<slug:package_id>/start/", application.start, name="application-start"),
    path(_DRAFT, application.resume, name="application"),
    path(f"{_DRAFT}mangler/", application.missing, name="application-missing"),
    path(f"{_DRAFT}se-over/", application.review, name="application-review"),
    path(f"{_DRAFT}send/", application.send, name="application-send"),
    path(f"{_DRAFT}slett/", application.discard, name="application-discard"),
    path(f"{_DRAFT}flytt/", application.move, name="application-move"),
    path(f"{_DRAFT}overta/", application.take_over, name="application-take-over"),
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
    # employees
    path("arbeid/", staff.work_list, name="work-list"),
    path("arbeid/finn/", staff.find, name="staff-find"),
    path("arbeid/papir/", paper.paper, name="paper"),
    path("arbeid/papir/<uuid:case_id>/kvittering/", paper.receipt_pdf, name="paper-receipt"),
    path("arbeid/oppslag/", access_review.overview, name="access-review"),
    path("arbeid/oppslag/apnet/<uuid:opening_id>/", access_review.opening, name="access-opening"),
    path(
        "arbeid/oppslag/apnet/<uuid:opening_id>/svar/", access_review.answer, name="access-answer"
    ),
    path("arbeid/oppslag/funn/<uuid:finding_id>/", access_review.finding, name="access-finding"),
    path(
        "arbeid/oppslag/hendelse/<uuid:incident_id>/",
        access_review.incident,
        name="access-incident",
    ),
    path(_STAFF, handling.case, name="staff-case"),
    path(f"{_STAFF}apne/", outside.open_case, name="staff-open"),
    path(f"{_STAFF}overlat/", outside.hand_over, name="staff-hand-over"),
    path(f"{_STAFF}oppgave/<uuid:task_id>/", handling.task, name="staff-task"),
    path(f"{_STAFF}endre/", handling.change, name="staff-change"),
    path(f"{_STAFF}be-om/", handling.ask, name="staff-ask"),
    path(f"{_STAFF}melding/", handling.write, name="staff-write"),
    path(f"{_STAFF}ta/", handling.take, name="staff-take"),
    path(f"{_STAFF}steg/", handling.step, name="staff-step"),
    path(f"{_STAFF}kommune/", handling.move, name="staff-move"),
    path(f"{_STAFF}dokument/", handling.add_document, name="staff-add-document"),
    path(f"{_STAFF}dokument/<uuid:attachment_id>/", handling.document, name="staff-document"),
    path(f"{_STAFF}avgjor/", deciding.decide, name="staff-decide"),
    path(f"{_STAFF}rett/", deciding.correct, name="staff-correct"),
    path(f"{_STAFF}regn-om/", deciding.recalculate, name="staff-recalculate"),
    path(f"{_STAFF}vedtak/<uuid:decision_id>/", deciding.review, name="staff-review"),
    path(f"{_STAFF}klage/<uuid:appeal_id>/", deciding.appeal, name="staff-appeal"),
    path("etat/", agency.incoming, name="agency"),
    path("etat/unntak/", agency.exceptional, name="agency-exceptional"),
    path("etat/klager/", agency.appeals, name="agency-appeals"),
    path("etat/brev/", agency.letters, name="agency-letters"),
    path("etat/brev/igjen/", agency.send_again, name="agency-letters-again"),
    path("etat/terminer/", term_pages.terms, name="agency-terms"),
    path(_TERM, term_pages.term, name="agency-term"),
    path(f"{_TERM}kjor/", term_pages.order, name="agency-term-order"),
    path(f"{_TERM}fremdrift/", term_pages.progress, name="agency-term-progress"),
    path(f"{_TERM}utbetaling.csv", term_pages.payments, name="agency-term-payments"),
    path("gevinst/", gains_page.gains, name="gains"),
    path("gevinst/csv/", gains_page.gains_csv, name="gains-csv"),
    # everybody
    path("kalkulator/<slug:package_id>/", calculator.calculate, name="calculator"),
]
