"""What a municipality sets for a service: within the package's limits, from a date, and open or closed."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from typing import Any

import attrs
from django.db import transaction
from django.db.models import Q

from samspill.infra import access_log, clock, generation, sql
from samspill.infra import events as log
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.packages import events
from samspill.packages.domain.checking import rule_book_of, run_examples
from samspill.packages.domain.model import Package
from samspill.packages.domain.setting_values import faults_in, is_version_range, within
from samspill.packages.models import MunicipalSettings, PublishedPackage
from samspill.packages.service.privacy_assessing import refuse_unapproved
from samspill.packages.service.store import pinned, published


@attrs.frozen(kw_only=True)
class Settings:
    """What is in force in a municipality on a day: every value (defaults filled in), and whether it receives.

    `closed_reason` is shown to those who come; `closed_until` is the last day of a temporary closure.
    """

    values: Mapping[str, Any]
    open: bool = True
    closed_reason: str = ""
    closed_until: dt.date | None = None


@attrs.frozen(kw_only=True)
class StillValid:
    """Whether a municipality's settings hold for a version, and what it has to decide if not."""

    municipality_id: uuid.UUID
    valid: bool
    decide: tuple[str, ...]


@generation.kept
def settings_for(package_id: str, municipality_id: uuid.UUID | None, on: dt.date) -> Settings:
    """Return the settings in force on a day; without any, the package's defaults and open.

    Values that no longer fit the version in force (another range, narrower limits) give way to the default.
    """
    package, row = _in_force(package_id, municipality_id, on)
    defaults = {key: setting.default for key, setting in package.settings.items()}
    if row is None:
        return Settings(values=defaults)
    over = row.closed_until is not None and row.closed_until < on
    values: dict[str, Any] = {}
    if not row.versions or within(package.version, row.versions):
        wrong = {fault.key for fault in faults_in(package, row.values)}
        values = {key: value for key, value in row.values.items() if key not in wrong}
    is_open = row.open or over
    return Settings(
        values={**defaults, **values},
        open=is_open,
        closed_reason="" if is_open else row.closed_reason,
        closed_until=None if is_open else row.closed_until,
    )


def closed_on(package_id: str, on: dt.date) -> frozenset[uuid.UUID]:
    """Return the municipalities that do not receive applications of a service on a day; one query for all."""
    rows = MunicipalSettings.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=on),
        Q(closed_until=None) | Q(closed_until__gte=on),
        package_id=package_id,
        valid_from__lte=on,
        open=False,
    )
    return frozenset(rows.values_list("municipality_id", flat=True))


def _in_force(
    package_id: str, municipality_id: uuid.UUID | None, on: dt.date
) -> tuple[Package, MunicipalSettings | None]:
    """Find the version in force and what the municipality has set, with one statement."""
    found = sql.one(_IN_FORCE, [municipality_id, on, on, package_id, on, on])
    if found is None:
        return published(package_id, on=on), None
    package = pinned(*found[:3])
    given = dict(zip(_COLUMNS, found[3:], strict=True))
    if given["id"] is None:
        return package, None
    given["values"] = json.loads(given["values"])
    return package, MunicipalSettings.from_db("default", list(given), list(given.values()))


# Asked on every request of an application, and nearly always answered by no settings at all.
_COLUMNS = tuple(field.attname for field in MunicipalSettings._meta.concrete_fields)  # noqa: SLF001
_IN_FORCE = (
    "SELECT p.package_id, p.version, p.sha256, "  # noqa: S608 - the model's own columns
    + ", ".join(f's."{name}"' for name in _COLUMNS)
    + f" FROM {PublishedPackage._meta.db_table} p "  # noqa: SLF001
    "LEFT JOIN packages_municipal_settings s ON s.package_id = p.package_id AND s.municipality_id = %s "
    "AND s.valid_from <= %s AND (s.valid_to IS NULL OR s.valid_to > %s) "
    "WHERE p.package_id = %s AND p.valid_from <= %s AND (p.valid_to IS NULL OR p.valid_to >= %s) "
    "ORDER BY p.major DESC, p.minor DESC, p.patch DESC LIMIT 1"
)


def set_settings(
    actor: Actor,
    *,
    package: Package,
    municipality_id: uuid.UUID,
    valid_from: dt.date,
    values: Mapping[str, Any],
    is_open: bool = True,
    closed_reason: str = "",
    closed_until: dt.date | None = None,
    versions: str = "",
) -> Settings:
    """Set a municipality's values from a date on; what was in force ends there, what was planned later is replaced.

    Args:
        actor: a leader of the municipality.
        package: the version that the values are checked against.
        municipality_id: the municipality.
        valid_from: the first day; not before today.
        values: by key of settings.yaml; a key left out has the package's default.
        is_open: whether the municipality receives applications.
        closed_reason: why not, shown to those who come; required when closed.
        closed_until: last day of a temporary closure.
        versions: a range such as `>=2.1 <3` that the values are meant for; all versions when empty.

    Raises:
        RefusedError: `not_yours`, `too_late`, `bad_setting`, `no_reason`, `bad_range`, and in production
            `assessment_not_approved` when a service is opened whose assessment of privacy is not approved.
    """
    _refuse_stranger(actor, municipality_id)
    if is_open:
        refuse_unapproved(package)
    _refuse_bad(package, values, versions)
    _refuse_bad_dates(valid_from, closed_until, is_open=is_open, reason=closed_reason)
    with transaction.atomic():
        mine = MunicipalSettings.objects.filter(
            package_id=package.id, municipality_id=municipality_id
        )
        list(mine.select_for_update().values_list("id"))
        mine.filter(valid_from__gte=valid_from).delete()
        mine.filter(Q(valid_to=None) | Q(valid_to__gt=valid_from)).update(valid_to=valid_from)
        MunicipalSettings.objects.create(
            package_id=package.id,
            municipality_id=municipality_id,
            versions=versions,
            valid_from=valid_from,
            values=dict(values),
            open=is_open,
            closed_reason="" if is_open else closed_reason.strip(),
            closed_until=None if is_open else closed_until,
            set_at=clock.now(),
            set_by=actor.person_id,
        )
        _tell(actor, package, municipality_id, valid_from, values, is_open=is_open)
    generation.forget()
    return settings_for(package.id, municipality_id, valid_from)


def _tell(
    actor: Actor,
    package: Package,
    municipality_id: uuid.UUID,
    valid_from: dt.date,
    values: Mapping[str, Any],
    *,
    is_open: bool,
) -> None:
    access_log.record(
        actor=actor,
        action="write",
        purpose="set a municipality's values for a service",
        fields=values,
        detail={"package": package.id, "municipality": str(municipality_id)},
    )
    log.append(
        events.SettingsChanged(
            package_id=package.id,
            municipality_id=municipality_id,
            valid_from=valid_from.isoformat(),
            is_open=is_open,
        ),
        actor=actor,
    )


def _refuse_stranger(actor: Actor, municipality_id: uuid.UUID) -> None:
    if not (actor.has_role("municipality_leader") and actor.municipality_id == municipality_id):
        raise refuse(
            "not_yours",
            "Only the municipality's leader sets this.",
            remedy="Ask your leader to do it.",
            status=403,
        )


def _refuse_bad(package: Package, values: Mapping[str, Any], versions: str) -> None:
    wrong = next(faults_in(package, values), None)
    if wrong is not None:
        raise refuse(
            "bad_setting",
            "%(key)s: %(why)s",
            where=wrong.key,
            remedy="%(what)s",
            values={"key": wrong.key, "why": wrong.message, "what": wrong.remedy},
            law=wrong.law,
        )
    if versions and not is_version_range(versions):
        raise refuse(
            "bad_range",
            "%(text)s is not a range of versions.",
            where="versions",
            remedy="Write for example >=2.1 <3",
            values={"text": versions},
        )


def _refuse_bad_dates(
    valid_from: dt.date, closed_until: dt.date | None, *, is_open: bool, reason: str
) -> None:
    if valid_from < clock.today():
        raise refuse(
            "too_late",
            "Settings cannot be changed back in time.",
            where="valid_from",
            remedy="Choose today or a later day.",
        )
    if not is_open and not reason.strip():
        raise refuse(
            "no_reason",
            "A closed service needs a reason; it is shown to those who come.",
            where="closed_reason",
            remedy="Write why it is closed.",
        )
    if not is_open and closed_until is not None and closed_until < valid_from:
        raise refuse(
            "bad_closure",
            "The closure ends before it begins.",
            where="closed_until",
            remedy="Let it end on the first day or later.",
        )


def still_valid(package: Package, on: dt.date) -> list[StillValid]:
    """Say for each municipality with settings whether they hold for a version, and what it must decide.

    The package's examples are run with each municipality's values too.
    """
    book, _ = rule_book_of(package)
    report = []
    rows = MunicipalSettings.objects.filter(package_id=package.id).exclude(valid_to__lte=on)
    for row in rows.order_by("municipality_id", "valid_from"):
        decide = [
            f"{fault.key}: {fault.message} {fault.remedy}"
            for fault in faults_in(package, row.values)
        ]
        if row.versions and not within(package.version, row.versions):
            decide.append(f"versions: {row.versions} leaves out {package.version}.")
        if not decide:
            results = run_examples(package, book, row.values)
            decide = [
                f"example {one.id}: {one.differences[0]}" for one in results if not one.passed
            ]
        report.append(
            StillValid(municipality_id=row.municipality_id, valid=not decide, decide=tuple(decide))
        )
    return report
