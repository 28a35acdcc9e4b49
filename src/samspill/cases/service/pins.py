"""The version that a draft or a case is pinned to, and whether a newer one is in force."""

from __future__ import annotations

from typing import Any

from samspill.cases.models import Draft
from samspill.cases.service.values import NewerVersion
from samspill.infra import clock
from samspill.packages import service as packages


def pinned(row: Any) -> packages.Package:
    """Give the very version, by hash, that a draft or case is pinned to."""
    return packages.pinned(row.package_id, row.package_version, row.package_sha256)


def newer(draft: Draft) -> NewerVersion | None:
    """Tell whether a newer version of the service is in force than the draft is pinned to."""
    latest = packages.published(draft.package_id, on=clock.today())
    if latest.sha256 == draft.package_sha256:
        return None
    difference = packages.diff(pinned(draft), latest)
    return NewerVersion(
        version=latest.version, level=difference.level, entries=tuple(difference.entries)
    )
