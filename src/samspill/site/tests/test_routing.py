"""The site's addresses are found by their first part, and each is the one that the whole list would give."""

from __future__ import annotations

import re
import uuid

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, path
from django.urls.resolvers import RegexPattern, RoutePattern

from samspill.site import urls
from samspill.site.routing import ByFirstPart

_SAMPLES = {"uuid": str(uuid.uuid4()), "slug": "abc", "str": "x1", "int": "7"}


def _view(request):
    raise AssertionError


def _resolver(patterns):
    return URLResolver(RegexPattern(r"^/"), patterns)


def _routes(patterns, before=""):
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from _routes(one.url_patterns, route)


def _found(resolver, address):
    try:
        match = resolver.resolve(address)
    except Resolver404:
        return None
    return match.func, match.kwargs, match.view_name, match.route, match.namespaces


def test_every_address_of_the_site_leads_where_the_whole_list_leads():
    whole, quick = _resolver(urls.all_patterns), _resolver(urls.urlpatterns)
    routes = list(_routes(urls.all_patterns))
    assert len(routes) > 150
    for route in routes:
        address = "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda m: _SAMPLES[m[1] or "str"], route)
        for one in (address, address + "zzz", address.rstrip("/")):
            assert _found(quick, one) == _found(whole, one), one
        assert _found(quick, address) is not None, address


def test_patterns_that_begin_with_a_variable_keep_their_place():
    patterns = [path("a/one/", _view, name="first"), path("<slug:x>/one/", _view, name="any"),
                path("a/<slug:x>/", _view, name="last")]  # fmt: skip
    quick = _resolver([ByFirstPart(patterns)])
    found = {one: quick.resolve(one).view_name for one in ("/a/one/", "/b/one/", "/a/two/")}
    assert found == {"/a/one/": "first", "/b/one/": "any", "/a/two/": "last"}
    with pytest.raises(Resolver404):
        quick.resolve("/b/two/")


def test_a_pattern_that_is_begun_by_half_a_part_is_tried_for_all():
    half = URLResolver(RoutePattern("a", is_endpoint=False), [path("b/", _view, name="ab")])
    assert _resolver([ByFirstPart([half])]).resolve("/ab/").view_name == "ab"
