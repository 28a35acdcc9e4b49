"""Publishing: checked in full, compared with the version before, and frozen.

A package with a fault is refused whole.
"""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from samspill.infra import events as log
from samspill.infra import generation
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.packages import events
from samspill.packages.domain import reading
from samspill.packages.domain.differing import Diff, diff
from samspill.packages.domain.model import Package
from samspill.packages.domain.source import PackageError
from samspill.packages.service import privacy_assessing, store
from samspill.packages.service.authoring import check_all


def publish(path: Path, *, actor: Actor) -> store.Published:
    """Freeze the version in a folder. The same content again changes nothing.

    Raises:
        PackageError: the package has faults, or an example fails; every one is listed.
        RefusedError: `not_owner`, `version_taken`, `version_not_later`, `step_too_small`, and in production
            `assessment_not_approved`: the draft of the assessment is made all the same, and is there to be answered.
    """
    files = store.read_folder(path)
    there = store.find(reading.content_hash(files))
    if there is not None:
        if actor.kind == "system":
            package = store.pinned(there.package_id, there.version, there.sha256)
            privacy_assessing.prepare_assessment(actor, package=package, folder=path)
        return there
    report = check_all(files)
    if report.package is None:
        raise PackageError(report.errors)
    _refuse_stranger(actor, report.package)
    privacy_assessing.prepare_assessment(actor, package=report.package, folder=path)
    privacy_assessing.refuse_unapproved(report.package)
    return _freeze(report.package, actor)


@transaction.atomic
def _freeze(package: Package, actor: Actor) -> store.Published:
    store.lock(package.id)
    latest = store.latest(package.id)
    step = None
    if latest is not None and latest.version != package.version:
        step = diff(latest, package)
        _refuse_small_step(step)
    published = store.freeze(package, actor=actor)
    if published.is_new:
        generation.forget()
        log.append(
            events.PackagePublished(
                package_id=package.id,
                version=package.version,
                sha256=package.sha256,
                level=step.level if step is not None else "",
            ),
            actor=actor,
        )
    return published


def _refuse_stranger(actor: Actor, package: Package) -> None:
    owner = actor.has_role("agency_leader", "municipality_leader")
    if actor.kind == "system" or (owner and actor.org_no == package.service.owner):
        return
    raise refuse(
        "not_owner",
        "Only a leader of the organisation that owns %(package)s can publish it.",
        where="service.yaml: owner",
        remedy="Ask the owner to publish it.",
        values={"package": package.id},
        status=403,
    )


def _refuse_small_step(step: Diff) -> None:
    if step.step is None:
        raise _step_refusal(
            "version_not_later",
            "Version %(new)s is not later than %(old)s, which is published.",
            step,
        )
    if not step.step_is_enough:
        raise _step_refusal(
            "step_too_small",
            "From %(old)s to %(new)s is too small a step: %(key)s in %(file)s asks for a %(level)s version.",
            step,
        )


def _step_refusal(code: str, message: str, step: Diff) -> RefusedError:
    first = step.entries[0] if step.entries else None
    return refuse(
        code,
        message,
        where="service.yaml: version",
        remedy="Raise the %(level)s number of the version.",
        values={
            "old": step.old_version,
            "new": step.new_version,
            "level": step.level,
            "key": first.key if first else "",
            "file": first.file if first else "",
        },
    )
