"""Who gets through `@needs`, and where the others are led."""

from __future__ import annotations

import uuid
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from samspill.identity import urls
from samspill.identity.access import ANYONE, AccessRule, needs, rule_of
from samspill.infra.models import AccessEntry
from samspill.kernel.actor import ANONYMOUS, Actor


def actor(kind="citizen", *, level="high", roles=(), org_no=None):
    return Actor(
        kind=kind,
        person_id=uuid.uuid4(),
        level=level,
        roles=frozenset(roles),
        org_no=org_no,
        request_id="r",
    )


def visit(view, who, *, path="/min-side/", method="get", **headers):
    request = getattr(RequestFactory(), method)(path, **headers)
    request.actor, request.identity_units, request.session_timed_out = who, (), False
    request.resolver_match = SimpleNamespace(view_name="x")
    return view(request)


@needs(role="citizen", level="substantial")
def mine(request):
    return HttpResponse("mine")


@needs(role=("agency_caseworker", "agency_leader"))
def theirs(request):
    return HttpResponse("theirs")


@needs(role="citizen", level="high")
def strong(request):
    return HttpResponse("strong")


@needs(role=ANYONE)
def everyones(request):
    return HttpResponse("everyones")


def test_lets_the_right_ones_in():
    assert visit(mine, actor()).content == b"mine"
    assert visit(mine, actor(level="substantial")).content == b"mine"
    assert visit(theirs, actor("employee", roles=["agency_leader"])).content == b"theirs"
    assert visit(everyones, ANONYMOUS).content == b"everyones"


def test_leads_a_stranger_to_log_in_and_back():
    answer = visit(mine, ANONYMOUS, path="/min-side/?a=1")
    assert answer["Location"] == "/logg-inn/?next=%2Fmin-side%2F%3Fa%3D1&som=citizen"


def test_leads_a_weak_login_to_a_stronger_one():
    answer = visit(strong, actor(level="substantial"))
    assert answer.status_code == 302
    assert "nivaa=high" in answer["Location"]


def test_a_sent_form_leads_back_to_its_page_not_to_its_action():
    answer = visit(
        mine, ANONYMOUS, path="/sak/send/", method="post", HTTP_REFERER="http://testserver/sak/1/"
    )
    assert "next=%2Fsak%2F1%2F" in answer["Location"]
    answer = visit(
        mine, ANONYMOUS, path="/sak/send/", method="post", HTTP_REFERER="http://evil.example/x/"
    )
    assert "next=%2F&" in answer["Location"]


def test_a_background_request_is_led_with_its_page():
    answer = visit(
        mine,
        ANONYMOUS,
        method="post",
        HTTP_HX_REQUEST="true",
        HTTP_HX_CURRENT_URL="http://testserver/soknad/1/",
    )
    assert answer.status_code == 204
    assert "next=%2Fsoknad%2F1%2F" in answer["HX-Redirect"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("view", "who"),
    [
        (mine, actor("employee", roles=["agency_caseworker"], org_no="1")),
        (theirs, actor()),
        (theirs, actor("employee", roles=["municipality_leader"], org_no="1")),
    ],
)
def test_a_wrong_role_is_refused_and_logged(view, who):
    assert visit(view, who).status_code == 403
    entry = AccessEntry.objects.get()
    assert (entry.outcome, entry.actor_id) == ("deny", who.person_id)


@pytest.mark.django_db
def test_the_api_is_told_in_json():
    assert visit(mine, ANONYMOUS, path="/api/v1/x").status_code == 401
    assert visit(theirs, actor(), path="/api/v1/x").status_code == 403


def test_a_role_name_of_a_citizen_gives_nothing_to_an_employee_kind():
    assert not actor("employee").has_role("citizen")


def test_the_rule_is_found_on_a_view_and_through_wrappers():
    assert rule_of(mine) == AccessRule(frozenset({"citizen"}), "substantial")
    assert rule_of(lambda: None) is None


def test_every_address_of_the_room_has_a_rule():
    missing = [p.pattern for p in urls.urlpatterns if rule_of(p.callback) is None]
    assert missing == []
