"""Addresses of insight. All are public: nothing here is about a person."""

from __future__ import annotations

from django.urls import path

from samspill.insight.web import data, figures, initiatives, places

urlpatterns = [
    path("tiltak/", initiatives.listing, name="initiatives"),
    path("tiltak/<slug:slug>/", initiatives.story, name="initiative"),
    path("kommuner/<str:number>/", places.municipality, name="municipality"),
    path("kart/", figures.country, name="map"),
    path("kart.svg", figures.country_svg, name="map-svg"),
    path("fordeling/", figures.distribution, name="distribution"),
    path("anslag-og-fasit/", figures.accuracy, name="accuracy"),
    path("likhet/", figures.equality, name="equality"),
    path("data/", data.page, name="open-data"),
    path("data/katalog.jsonld", data.catalogue, name="open-data-catalogue"),
    path("data/<slug:name>.<str:kind>", data.dataset, name="open-data-set"),
    path("diagram/<slug:name>.svg", figures.chart_svg, name="chart-svg"),
]
