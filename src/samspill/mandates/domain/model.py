"""Persons, grants, a question and its answer. All of it is data; nothing here decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import ClassVar, Final, Literal

import attrs

Level = Literal["read", "write"]
EidLevel = Literal["none", "low", "substantial", "high"]
EID_LEVELS: tuple[EidLevel, ...] = ("none", "low", "substantial", "high")

_BY_ID = attrgetter("id")
VOLUNTARY = frozenset({"fullmakt", "fullmakt_papir", "framtidsfullmakt", "hjelper"})
"""Kinds that a citizen gives; the rest rest on law, court or register."""
KINDS = VOLUNTARY | {"vergemaal", "foreldreansvar", "naerstaaende", "doedsbo", "virksomhet"}


class Reason(StrEnum):
    """Why the answer is as it is; one code an answer.

    Denials of a grant stand in the order of their nearness to success: the farthest first.
    """

    SELF = "SELF"
    GRANT = "GRANT"
    NO_GRANT = "NO_GRANT"
    SCOPE = "SCOPE"
    LEVEL = "LEVEL"
    SOURCE_STALE = "SOURCE_STALE"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    PENDING_CONFIRMATION = "PENDING_CONFIRMATION"
    NOT_IN_FORCE = "NOT_IN_FORCE"
    PARTY_BLOCKS = "PARTY_BLOCKS"
    DECEASED = "DECEASED"
    AGE = "AGE"
    MANUAL_ONLY = "MANUAL_ONLY"
    EID_TOO_LOW = "EID_TOO_LOW"
    PROTECTED_ROUTE = "PROTECTED_ROUTE"


class Obligation(StrEnum):
    """What whoever lets the agent in must also do."""

    STATSFORVALTER_CONSENT = "STATSFORVALTER_CONSENT"
    """Ask for Statsforvalteren's consent to the disposition (vergemålsloven § 39 ff.)."""
    HIDE_ADDRESS = "HIDE_ADDRESS"
    """Show the agent no address, municipality, school, office or map: a party's address is confidential."""


class Protection(StrEnum):
    """Grades of address protection; what is not known counts as the strictest."""

    OPEN = "ugradert"
    CLIENT = "klientadresse"
    CONFIDENTIAL = "fortrolig"
    STRICT = "strengtFortrolig"


@attrs.frozen
class Person:
    """A party. `protection` None is nothing known of protection in a complete source."""

    id: str
    born: dt.date
    died: dt.date | None = None
    protection: Protection = Protection.OPEN
    blocks_voluntary: bool = False

    def is_dead(self, on: dt.date) -> bool:
        """Tell whether the person is dead on a date; the day of death counts (R10)."""
        return self.died is not None and on >= self.died

    def age(self, on: dt.date) -> int:
        """Return whole years on a date; a new year is reached on the birthday itself (R8)."""
        before = (on.month, on.day) < (self.born.month, self.born.day)
        return on.year - self.born.year - before


@attrs.frozen
class Organisation:
    """An organisation as Enhetsregisteret knows it; its `id` is `0192:` and the number (ISO 6523).

    bankrupt: also under forced dissolution; then nobody but the one whom the court appointed may act for it.
    """

    id: str
    deleted_on: dt.date | None = None
    bankrupt: bool = False
    protection: ClassVar[Protection] = Protection.OPEN  # nobody's address

    def is_deleted(self, on: dt.date) -> bool:
        """Tell whether it is gone on a date; the day of deletion counts."""
        return self.deleted_on is not None and on >= self.deleted_on


@attrs.frozen(slots=False)  # as `Person`
class Grant:
    """One right of `grantee` to act for `grantor` within scopes, at a level, in a period.

    valid_from, valid_to: dates, both inclusive, read in Europe/Oslo; None is open. revoked_at: an instant (UTC).
    parental_type: felles, mor, far, medmor, andre or ukjent. registered_by, confirmed_by: the two who vouch for a
    paper. in_force: a future mandate has taken effect. source_current, source_age_h: what the register said, and how
    many hours ago. parent, delegated_by: for a grant that an agent passed on. accepted: the agent has said
    yes. grantee_org: the organisation for which `grantee` is named to use it. joint: a signature that needs another's
    beside it. court_appointed: the one who keeps a bankrupt estate. min_eid: the login that its source demands, as
    Altinn's obligations do.
    """

    id: str
    kind: str
    grantor: str
    grantee: str
    scopes: frozenset[str]
    level: Level
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    revoked_at: dt.datetime | None = None
    parental_type: str = ""
    registered_by: str = ""
    confirmed_by: str = ""
    in_force: bool = False
    source_current: bool = True
    source_age_h: float = 0.0
    may_delegate: bool = False
    parent: str = ""
    delegated_by: str = ""
    accepted: bool = True
    grantee_org: str = ""
    joint: bool = False
    court_appointed: bool = False
    min_eid: EidLevel = "none"

    @property
    def is_voluntary(self) -> bool:
        """Tell whether a citizen gave it."""
        return self.kind in VOLUNTARY


_ORDINARY: Final = {field.name: field.default for field in attrs.fields(Grant)} | {
    "kind": "fullmakt"
}


def ordinary(
    number: str,
    grantor: str,
    grantee: str,
    scopes: frozenset[str],
    level: Level,
    valid_from: dt.date | None,
    valid_to: dt.date | None,
    revoked_at: dt.datetime | None,
    *,
    accepted: bool,
) -> Grant:
    """Return a mandate that is given here, digitally, by the one it is for, to act alone; `Grant` makes the same.

    A list makes a hundred of them. A frozen class sets its fields one by one, and Python then reads each the slow way.
    """
    facts = _ORDINARY.copy()
    facts["id"], facts["grantor"], facts["grantee"] = number, grantor, grantee
    facts["scopes"], facts["level"], facts["accepted"] = scopes, level, accepted
    facts["valid_from"], facts["valid_to"], facts["revoked_at"] = valid_from, valid_to, revoked_at
    made = object.__new__(Grant)
    object.__setattr__(made, "__dict__", facts)
    return made


@attrs.frozen(slots=False)
class World:
    """Everything a decision may know. scope_parent: scope → the scope that covers it."""

    persons: Mapping[str, Person]
    grants: tuple[Grant, ...]
    scope_parent: Mapping[str, str]
    organisations: Mapping[str, Organisation] = attrs.field(factory=dict)

    @cached_property
    def by_id(self) -> Mapping[str, Grant]:
        """Grants by their id."""
        return {grant.id: grant for grant in self.grants}

    @cached_property
    def by_pair(self) -> Mapping[tuple[str, str], Sequence[Grant]]:
        """Grants by (grantor, grantee), never the reverse (R1); in the order of their ids, however they were read."""
        found: dict[tuple[str, str], list[Grant]] = {}
        for grant in self.grants:
            pair = (grant.grantor, grant.grantee)
            if pair in found:
                found[pair].append(grant)
                found[pair].sort(key=_BY_ID)
            else:
                found[pair] = [grant]
        return found


@attrs.frozen
class Question:
    """May `actor` do `action` within `scope` for `subject` at an instant, logged in at `eid_level`?"""

    actor: str
    subject: str
    scope: str
    action: str
    at: dt.datetime
    eid_level: EidLevel = "none"
    service_min_eid: EidLevel = "substantial"


@attrs.frozen(slots=False)  # as `Person`
class Decision:
    """The answer: allowed or not, one reason, the grant that carried it, and what else must be done."""

    allowed: bool
    reason: Reason
    grant_id: str | None = None
    obligations: tuple[Obligation, ...] = ()
