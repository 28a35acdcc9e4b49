"""A browser of one person: keeps the cookies, reads the forms, fills them in and posts them."""

from __future__ import annotations

import http.client
import urllib.parse
from html.parser import HTMLParser
from typing import Any

import attrs

from bench import house

CSRF = "a" * 32


class _Forms(HTMLParser):
    """Collects each form of a page: its address and the fields with the values they stand with."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self.forms.append({"action": given.get("action") or "", "fields": []})
        if not self.forms:
            return
        fields, name = self.forms[-1]["fields"], given.get("name") or ""
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind not in ("radio", "checkbox", "file", "submit") or "checked" in given:
                fields.append((name, given.get("value") or ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            fields.append((self._select, given.get("value") or ""))
        elif tag == "textarea" and name:
            self._area = name
            fields.append((name, ""))

    def handle_data(self, data: str) -> None:
        if self._area:
            fields = self.forms[-1]["fields"]
            fields[-1] = (self._area, fields[-1][1] + data.lstrip("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def form_of(page: str, part: str) -> tuple[str, list[tuple[str, str]]]:
    """Give the address and the fields of the form whose address holds `part`."""
    parser = _Forms()
    parser.feed(page)
    for form in parser.forms:
        if part in form["action"]:
            return form["action"], form["fields"]
    msg = f"no form to {part!r} on the page: {[form['action'] for form in parser.forms]}"
    raise AssertionError(msg)


def filled(fields: list[tuple[str, str]], answers: dict[str, str]) -> list[tuple[str, str]]:
    """Put answers in place of what the fields stand with."""
    return [(n, v) for n, v in fields if n not in answers] + list(answers.items())


@attrs.define
class Browser:
    """One person in a browser, logged in."""

    port: int
    token: str
    _http: http.client.HTTPConnection = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", self.port)

    @property
    def cookies(self) -> dict[str, str]:
        """Give the cookies."""
        return {"samspill": self.token, "csrf": CSRF}

    def get(self, path: str) -> tuple[str, str]:
        """Give (address, page), following redirects."""
        return self._go("GET", path, None)

    def content(self, path: str) -> bytes:
        """Give the bytes of an answer."""
        self._http.request("GET", path, headers=self._headers())
        answer = self._http.getresponse()
        found = answer.read()
        assert answer.status == 200, f"{path} answered {answer.status}"
        return found

    def post(self, path: str, fields: list[tuple[str, str]]) -> tuple[str, str]:
        """Post a form and give (address, page) of where it leads."""
        return self._go("POST", path, urllib.parse.urlencode(fields).encode())

    def _headers(self) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie, "X-CSRFToken": CSRF, "Accept-Language": "nb"}

    def _go(self, method: str, path: str, body: bytes | None) -> tuple[str, str]:
        for _ in range(10):
            headers = self._headers()
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            self._http.request(method, path, body, headers)
            answer = self._http.getresponse()
            page = answer.read().decode()
            if answer.status not in (301, 302, 303):
                assert answer.status == 200, (
                    f"{method} {path} answered {answer.status}: {page[:600]}"
                )
                return path, page
            method, path, body = "GET", answer.headers["Location"], None
        raise AssertionError(path)


def applicants(count: int) -> list[str]:
    """Give numbers of people whose grade is open and who live somewhere."""
    from samspill.sandbox.population import build

    population = build(1, house.HOUSEHOLDS)
    special = {population.persons[case.applicant].national_id for case in population.cases.values()}
    found = [p.national_id for p in population.applicants() if p.national_id not in special]
    assert len(found) >= count, f"there are only {len(found)} ordinary applicants"
    return found[:count]
