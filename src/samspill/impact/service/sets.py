"""Assumption sets: the shipped files as rows, fixed from the moment they are first used."""

from __future__ import annotations

import datetime as dt

from samspill.impact import models, shipped
from samspill.impact.domain.assumptions import AssumptionSet, read_set
from samspill.infra import clock
from samspill.infra.canonical import sha256_of
from samspill.kernel.outcome import refuse


def assumption_sets() -> dict[str, AssumptionSet]:
    """Return every set by version, the newest last: those that were used as they were used, and the shipped."""
    found = dict(shipped.assumption_sets())
    for row in models.AssumptionVersion.objects.all():
        found[row.version] = read_set(row.body)
    return dict(sorted(found.items()))


def newest() -> AssumptionSet:
    """Return the newest set."""
    return list(assumption_sets().values())[-1]


def valid_on(day: dt.date) -> AssumptionSet | None:
    """Return the newest set that holds on a day, or None."""
    return next((s for s in reversed(assumption_sets().values()) if s.holds_on(day)), None)


def use(version: str) -> models.AssumptionVersion:
    """Return the row of a set that is about to be calculated with, made now if this is the first time.

    Raises:
        RefusedError: `unknown_assumptions`; `assumptions_changed` when a file was edited after its first use.
    """
    row = models.AssumptionVersion.objects.filter(version=version).first()
    body = shipped.bodies().get(version)
    if body is None and row is None:
        raise refuse(
            "unknown_assumptions",
            "There is no assumption set %(name)s.",
            where="assumption_set",
            remedy="Use one of: %(known)s",
            values={"name": version[:100], "known": ", ".join(assumption_sets())},
        )
    if row is None:
        row, _ = models.AssumptionVersion.objects.get_or_create(
            version=version,
            defaults={"body": body, "sha256": sha256_of(body), "at": clock.now()},
        )
    if body is not None and row.sha256 != sha256_of(body):
        raise refuse(
            "assumptions_changed",
            "The assumption set %(name)s was edited after it was used.",
            where="assumption_set",
            remedy="Restore the file, and make a new version of what is to change.",
            values={"name": version},
        )
    return row
