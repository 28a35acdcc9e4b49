"""Try a cell: one person, one address, one method; what came of it, and whether anything leaked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from django.db import transaction

from samspill.infra import sql
from tests.matrix.people import Person
from tests.matrix.world import Thing
from tests.routes import Route

AWAY = ("/logg-inn/", "/fullmakter/opptre/?gjort=avsluttet")
#: Where one is sent who must say why first: nothing has been shown yet.
ASKED_WHY = "/apne/"
REFUSED, NO_SUCH_METHOD = frozenset({401, 403, 404}), 405
#: What else may stand in an address; nothing of it is anybody's.
ANY = {
    "package_id": "ferry", "term": "2026-08", "page": "travel", "number": "1108", "key": "problem",
    "slug": "ikke-her", "name": "tiltak", "kind": "csv", "party": "1108",
}  # fmt: skip
_NOBODYS = "00000000-0000-4000-8000-000000000000"


@attrs.frozen
class Tried:
    """What an address answered."""

    status: int
    body: str = attrs.field(repr=False)
    location: str = ""
    wrote: bool = False

    @property
    def let_in(self) -> bool:
        """Tell whether the person came in: anything but a refusal."""
        sent_away = self.status == 302 and (
            self.location.startswith(AWAY) or self.location.endswith(ASKED_WHY)
        )
        return self.status not in REFUSED and not sent_away

    @property
    def has_method(self) -> bool:
        """Tell whether the address knows the method at all."""
        return self.status != NO_SUCH_METHOD


@attrs.frozen
class Matrix:
    """Everybody and everything."""

    people: tuple[Person, ...]
    things: tuple[Thing, ...]


def _address(route: Route, values: Mapping[str, str]) -> str:
    """The address with values in it; what is not given is nobody's."""
    whole = {
        part: ANY.get(part, "0" if f"int:{part}" in route.pattern else _NOBODYS)
        for part in route.parts
    }
    return route.address({**whole, **values})


def attempt(
    person: Person,
    route: Route,
    values: Mapping[str, str],
    method: str,
    form: Mapping[str, str] | None = None,
) -> Tried:
    """Ask as a person asks, and take back what it changed. The test client carries the form token."""
    before = _last_event()
    with transaction.atomic():
        cookies = dict(person.client.cookies)
        answer = getattr(person.client, method)(
            _address(route, values), dict(form or {}) if method == "post" else None
        )
        body = _text(answer)
        person.client.cookies.clear()
        person.client.cookies.update(cookies)
        wrote = _last_event() != before
        transaction.set_rollback(True)
    return Tried(answer.status_code, body, answer.headers.get("Location", ""), wrote)


def _last_event() -> int:
    """The newest event: whatever changes something leaves one."""
    row = sql.one("SELECT max(id) FROM infra_event", [])
    return int(row[0]) if row and row[0] else 0


def _text(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode("utf-8", "replace"))
