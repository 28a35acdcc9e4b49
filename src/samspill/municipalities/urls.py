"""Addresses of the room. All are public: municipalities are not personal data.

`/kommuner/<number>/` itself (`municipality`) is the page of `insight`, which leads here for names, history and figures.
"""

from __future__ import annotations

from django.urls import path

from samspill.municipalities.web import pages

urlpatterns = [
    path("kommuner/", pages.search, name="municipalities"),
    path("kommuner/<str:number>/fakta/", pages.municipality, name="municipality-facts"),
]
