"""All addresses. Each room brings its own."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"samspill.{room}.urls"))
    for room in ("municipalities", "identity", "packages", "cases")
    if find_spec(f"samspill.{room}") and find_spec(f"samspill.{room}.urls")
]
