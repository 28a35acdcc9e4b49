"""Addresses of the room, all under /konsekvens/."""

from __future__ import annotations

from django.urls import path

from samspill.impact.web import calibration, checklist, lines, municipality, results

_ONE = "konsekvens/<uuid:initiative_id>/"

urlpatterns = [
    path("konsekvens/var-kommune/", municipality.municipality, name="impact-municipality"),
    path("konsekvens/var-kommune/rett/", municipality.correct, name="impact-correct"),
    path("konsekvens/var-kommune/meld/", municipality.report, name="impact-report"),
    path("konsekvens/treffsikkerhet/", calibration.calibration, name="impact-calibration"),
    path(_ONE, lines.lines, name="impact-lines"),
    path(f"{_ONE}linje/<str:key>/", lines.line, name="impact-line"),
    path(f"{_ONE}linje/<str:key>/regn/", lines.recalculate, name="impact-recalculate"),
    path(f"{_ONE}innforing/", checklist.checklist, name="impact-checklist"),
    path(f"{_ONE}beregn/", results.assess, name="impact-assess"),
    path(f"{_ONE}resultat/", results.results, name="impact-results"),
    path(f"{_ONE}resultat/<uuid:assessment_id>/", results.result, name="impact-result"),
    path(f"{_ONE}resultat/<uuid:assessment_id>/steg/", results.step, name="impact-step"),
]
