"""Where mandates come from beside our own: who is asked, how old an answer may be, and what nobody else knows.

Each is the authority for what it says; what is held here is its answer, and counts no longer than its limit.
"""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

import attrs

from samspill.mandates.domain.model import EID_LEVELS, EidLevel

OWN = "samspill"
IMPORTED = "imported"
"""Grants of a world that was loaded into an installation for tests; their age is what the file says."""


@attrs.frozen
class Source:
    """One source.

    component: its name in the settings. register: the look-up of `registers` that asks it; '' is none, because no
    interface is published. fresh_for: how long an answer counts. owners: whose scopes it alone knows mandates for, so
    that without it the answer about them is not known. by_pair: it answers about two persons, never about one.
    """

    code: str
    name: str
    component: str
    register: str
    fresh_for: dt.timedelta
    kind: str
    owners: frozenset[str] = frozenset()
    by_pair: bool = False

    @property
    def held_as(self) -> tuple[str, ...]:
        """What its answers are held as: its code, and its code with each login it may demand."""
        return (self.code, *(f"{self.code}.{level}" for level in EID_LEVELS))


SOURCES = (
    Source(
        "freg",
        "Folkeregisteret",
        "folkeregisteret",
        "folkeregisteret.representation",
        dt.timedelta(hours=24),
        "vergemaal",
    ),
    Source(
        "brreg",
        "Enhetsregisteret",
        "enhetsregisteret",
        "enhetsregisteret.roles",
        dt.timedelta(hours=24),
        "virksomhet",
    ),
    # "The values must not be cached": it counts for the act that it was asked for.
    Source(
        "doedsbo",
        "Digitalt dødsbo",
        "doedsbo",
        "doedsbo.roles",
        dt.timedelta(minutes=1),
        "doedsbo",
    ),
    Source(
        "nav", "Nav", "nav_fullmakt", "", dt.timedelta(hours=24), "fullmakt", frozenset({"nav"})
    ),
    # A right may be taken back in Altinn at any time: asked anew before each act that binds, and when this is over.
    Source(
        "altinn",
        "Altinn",
        "altinn",
        "altinn.rights",
        dt.timedelta(minutes=15),
        "fullmakt",
        frozenset({"altinn"}),
        by_pair=True,
    ),
    Source(
        "helsenorge",
        "Helsenorge",
        "helsenorge",
        "",
        dt.timedelta(hours=24),
        "fullmakt",
        frozenset({"helse", "helsenorge"}),
    ),
)
_BY_CODE = MappingProxyType({one.code: one for one in SOURCES})


def source(code: str) -> Source:
    """Return a source by its code."""
    return _BY_CODE[code]


def fresh_for(held: str) -> dt.timedelta:
    """Return how long an answer of a source counts; of one that nobody knows, not at all."""
    known = _BY_CODE.get(held.partition(".")[0])
    return known.fresh_for if known is not None else dt.timedelta(0)


def hold_as(code: str, demands: str) -> str:
    """Return what an answer is held as: who said it and, after a dot, the login that it demands.

    >>> hold_as("altinn", "high"), hold_as("altinn", "none")
    ('altinn.high', 'altinn')
    """
    return code if demands == "none" else f"{code}.{demands}"


def demanded(held: str) -> EidLevel:
    """Return the login that an answer demands; of a word that nobody knows, the strongest.

    >>> demanded("altinn.high"), demanded("freg"), demanded("altinn.wrong")
    ('high', 'none', 'high')
    """
    level = held.partition(".")[2] or "none"
    return next((one for one in EID_LEVELS if one == level), "high")
