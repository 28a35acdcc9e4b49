"""Addresses of the room."""

from __future__ import annotations

from django.urls import path

from samspill.identity.web import own_sessions, pages, staff

urlpatterns = [
    path("logg-inn/", pages.choose_login, name="login"),
    path("logg-inn/person/", pages.begin, {"profile": "citizen"}, name="login-citizen"),
    path(
        "logg-inn/person/retur/", pages.finish, {"profile": "citizen"}, name="login-citizen-return"
    ),
    path("logg-inn/ansatt/", pages.begin, {"profile": "employee"}, name="login-employee"),
    path(
        "logg-inn/ansatt/retur/",
        pages.finish,
        {"profile": "employee"},
        name="login-employee-return",
    ),
    path("logg-inn/enhet/", pages.choose_unit, name="login-unit"),
    path("logg-ut/", pages.log_out, name="logout"),
    path("logg-ut/front/", pages.provider_logged_out, name="logout-frontchannel"),
    path("logg-ut/bak/", pages.provider_logged_out_by_token, name="logout-backchannel"),
    path("innlogginger/", own_sessions.mine, name="my-sessions"),
    path("arbeid/innlogget/", staff.logged_in, name="staff-logged-in"),
    path("logget-ut/", pages.logged_out, name="logged-out"),
    path(".well-known/jwks.json", pages.keys, name="jwks"),
]
