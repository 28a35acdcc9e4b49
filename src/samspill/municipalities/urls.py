"""Addresses of the room. All are public: municipalities are not personal data."""

from __future__ import annotations

from django.urls import path

from samspill.municipalities.web import pages

urlpatterns = [
    path("kommuner/", pages.search, name="municipalities"),
    path("kommuner/<str:number>/", pages.municipality, name="municipality"),
]
