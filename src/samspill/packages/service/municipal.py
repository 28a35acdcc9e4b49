"""What a municipality sets for a service: within the package's limits, from a date, and open or closed."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from typing import Any

import attrs
from django.db import transaction

from samspill.infra import access_log, clock
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.packages.domain.model import Package, Setting
from samspill.packages.models import MunicipalSettings
from samspill.packages.service.store import published

_RANGE = re.compile(r"(?:(>=|>|<=|<|==)\s*(\d+)(?:\.(\d+))?(?:\.(\d+))?)")


@attrs.frozen(kw_only=True)
class Settings:
    """What is in force in a municipality on a day: values with defaults, and whether it receives."""

    values: Mapping[str, Any]
    open: bool = True
    closed_reason: str = ""
    closed_until: dt.date | None = None


def settings_for(package_id: str, municipality_id: uuid.UUID | None, on: dt.date) -> Settings:
    """Return the settings in force on a day; without any, the package's defaults and open."""
    package = published(package_id, on=on)
    defaults = {key: setting.default for key, setting in package.settings.items()}
    row = (
        MunicipalSettings.objects.filter(
            package_id=package.id, municipality_id=municipality_id, valid_from__lte=on
        )
        .exclude(valid_to__lte=on)
        .first()
        if municipality_id
        else None
    )
    if row is None or not covers(row.versions, package.version):
        return Settings(values=defaults)
    over = row.closed_until is not None and row.closed_until < on
    return Settings(
        values={**defaults, **row.values},
        open=row.open or over,
        closed_reason="" if over else row.closed_reason,
        closed_until=row.closed_until,
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
    """Set a municipality's values from a date on; what was in force ends there.

    Raises:
        RefusedError: not the municipality's leader, an unknown key, a value outside its limits, a
            closure without a reason, or a version range that is not one.
    """
    if not (actor.has_role("municipality_leader") and actor.municipality_id == municipality_id):
        raise refuse("not_yours", "Only the municipality's leader sets this.", status=403)
    _refuse_bad(package, values)
    if not is_open and not closed_reason.strip():
        raise refuse(
            "no_reason",
            "Say why the service is closed; it is shown to those who come.",
            where="closed_reason",
        )
    covers(versions, package.version)
    with transaction.atomic():
        mine = MunicipalSettings.objects.select_for_update().filter(
            package_id=package.id, municipality_id=municipality_id
        )
        mine.filter(valid_from__gte=valid_from).delete()
        mine.filter(valid_to=None).update(valid_to=valid_from)
        MunicipalSettings.objects.create(
            package_id=package.id,
            municipality_id=municipality_id,
            versions=versions,
            valid_from=valid_from,
            values=dict(values),
            open=is_open,
            closed_reason=closed_reason,
            closed_until=closed_until,
            set_at=clock.now(),
            set_by=actor.person_id,
        )
        access_log.record(
            actor=actor,
            action="write",
            purpose="set a municipality's values for a service",
            fields=values,
            detail={"package": package.id, "municipality": str(municipality_id)},
        )
    return settings_for(package.id, municipality_id, valid_from)


def still_valid(package: Package, on: dt.date) -> list[dict[str, Any]]:
    """Return for each municipality with settings whether a version fits them, and what to decide."""
    report = []
    rows = MunicipalSettings.objects.filter(package_id=package.id).exclude(valid_to__lte=on)
    for row in rows.order_by("municipality_id"):
        decide = [f"{key}: {why}" for key, why in faults(package, row.values).items()]
        if not covers(row.versions, package.version):
            decide.append(f"versions: {row.versions} leaves out {package.version}")
        report.append(
            {"municipality_id": str(row.municipality_id), "valid": not decide, "decide": decide}
        )
    return report


def covers(versions: str, version: str) -> bool:
    """Tell whether a range such as `>=2.1 <3` takes in a version; an empty range takes in all.

    Raises:
        RefusedError: the text is not a range.
    """
    at = tuple(int(part) for part in version.split("."))
    for part in versions.split():
        match = _RANGE.fullmatch(part)
        if match is None:
            raise refuse(
                "bad_range",
                "%(text)s is not a range of versions.",
                where="versions",
                remedy="Write for example >=2.1 <3",
                values={"text": versions},
            )
        bound = tuple(int(number) for number in match.groups()[1:] if number is not None)
        cut = at[: len(bound)] if match[1] in {"<=", "==", ">"} else at
        holds = {
            ">=": at >= bound, ">": cut > bound, "<=": cut <= bound, "<": at < bound, "==": cut == bound,
        }[match[1]]  # fmt: skip
        if not holds:
            return False
    return True


def _refuse_bad(package: Package, values: Mapping[str, Any]) -> None:
    found = faults(package, values)
    if found:
        key, why = next(iter(found.items()))
        raise refuse(
            "bad_setting",
            "%(key)s: %(why)s.",
            where=key,
            remedy="See what the service allows.",
            values={"key": key, "why": why},
            law=(package.settings[key].law or "") if key in package.settings else "",
        )


def faults(package: Package, values: Mapping[str, Any]) -> dict[str, str]:
    """Return key → what is wrong with it."""
    found = {}
    for key, value in values.items():
        setting = package.settings.get(key)
        wrong = "is not a setting of this service" if setting is None else _fault(setting, value)
        if wrong:
            found[key] = wrong
    return found


_KINDS: dict[str, tuple[type, ...]] = {
    "integer": (int,), "decimal": (int, float), "amount": (int, float), "boolean": (bool,),
    "text": (str,), "choice": (str,), "date": (str,),
}  # fmt: skip


def _fault(setting: Setting, value: Any) -> str:
    wrong_kind = not isinstance(value, _KINDS[setting.type])
    if wrong_kind or (isinstance(value, bool) and setting.type != "boolean"):
        return f"is not of type {setting.type}"
    if setting.options and value not in setting.options:
        return f"is not one of {', '.join(setting.options)}"
    if setting.min is not None and value < setting.min:
        return f"is below the limit {setting.min}"
    if setting.max is not None and value > setting.max:
        return f"is above the limit {setting.max}"
    if setting.max_length is not None and len(value) > setting.max_length:
        return f"is longer than {setting.max_length} characters"
    return ""
