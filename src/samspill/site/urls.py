"""All addresses. Each room brings its own; the site adds its pages, the API and the health check."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from samspill.identity.service import ANYONE, needs
from samspill.infra.proof import web as proof
from samspill.municipalities import urls as municipalities
from samspill.site import assessment_pages, log_pages, own_data_pages, pages, privacy
from samspill.site.routing import ByFirstPart, ReadLater


@needs(role=ANYONE)
def health(request: HttpRequest) -> HttpResponse:
    """Say that the web and the database answer; for supervisors and load balancers."""
    del request
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


all_patterns: list[URLPattern | URLResolver] = [
    *pages.urlpatterns,
    *log_pages.urlpatterns,
    *privacy.urlpatterns,
    *assessment_pages.urlpatterns,
    *own_data_pages.urlpatterns,
    path("helse/", health, name="health"),
    # municipalities lies below identity and cannot say it itself: its pages are for everybody.
    *(
        path(str(entry.pattern), needs(role=ANYONE)(entry.callback), name=entry.name)
        for entry in municipalities.urlpatterns
    ),
    # infra lies below identity too: the log's proofs are for everybody.
    *(
        path(str(entry.pattern), needs(role=ANYONE)(entry.callback), name=entry.name)
        for entry in proof.urlpatterns
    ),
    ReadLater("api/v1/", "samspill.site.api", app_name="ninja", namespace="api"),
    path("", include("samspill.identity.urls")),
    path("", include("samspill.mandates.urls")),
    path("", include("samspill.cases.urls")),
    path("", include("samspill.portfolio.urls")),
    path("", include("samspill.impact.urls")),
    path("", include("samspill.settlement.urls")),
    path("", include("samspill.insight.urls")),
]
urlpatterns: list[URLPattern | URLResolver] = [ByFirstPart(all_patterns)]

handler400 = "samspill.site.pages.bad_request"
handler403 = "samspill.site.pages.permission_denied"
handler404 = "samspill.site.pages.not_found"
handler500 = "samspill.site.pages.server_error"
