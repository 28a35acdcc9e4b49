"""The open pages of the site, of logging in and of municipalities."""

from __future__ import annotations

from tests.a11y.visits import page

PAGES = {
    "front": page("nobody", "citizen", "caseworker", "agency"),
    "about": page("nobody"),
    "accessibility": page("nobody"),
    "privacy": page("nobody"),
    "privacy-record": page("nobody", package_id="bostotte"),
    "without-e-id": [
        *page("nobody", "citizen"),
        *page("nobody", query="?kommune=Trondheim"),
        *page("nobody", query="?kommune=Ingensteds"),
    ],
    "municipal-contact": page("leader", "municipal lead"),
    "login": [
        *page("nobody"),
        *page("nobody", query="?som=employee&nivaa=high&utlopt=1"),
        *page("citizen", query="?som=citizen&nivaa=high"),
    ],
    "login-unit": [*page("caseworker"), *page("employee without a unit", status=403)],
    "logged-out": page("nobody"),
    "my-sessions": page("citizen", "caseworker", "agency"),
    "staff-logged-in": page("leader", "agency leader"),
    "municipalities": [
        *page("nobody"),
        *page("nobody", query="?q=Her%C3%B8y"),
        *page("nobody", query="?q=finnesikke"),
    ],
    "municipality-facts": [
        *page("nobody", number="5001"),
        *page("nobody", number="1507"),
        *page("nobody", number="5610"),
    ],
}
NO_PAGE = {
    "set-language": "POST",
    "health": "text",
    "login-citizen": "the way to the provider",
    "login-citizen-return": "the way back from the provider",
    "login-employee": "the way to the provider",
    "login-employee-return": "the way back from the provider",
    "logout": "POST",
    "logout-frontchannel": "what a provider's frame fetches",
    "logout-backchannel": "POST",
    "jwks": "JSON",
    "privacy-record-json": "JSON",
    "accessibility-json": "JSON",
}
