"""The assessments of privacy: made from the declaration, answered by people, approved with four eyes, asked for.

In production a package without an approved assessment of what it declares cannot be published, nor opened by a
municipality (SP-03). Elsewhere it can, and its pages say that it is not approved and for demonstration only.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import yaml
from django.conf import settings
from django.db import transaction
from django.db.models import Max

from samspill.infra import clock
from samspill.infra import events as log
from samspill.infra.canonical import sha256_of
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import RefusedError, refuse
from samspill.packages import events
from samspill.packages.domain.model import Package
from samspill.packages.domain.privacy_assessment import (
    Answers,
    Lacking,
    Risk,
    basis_of,
    changed_parts,
    lacking,
    read_answers,
    residual,
    risks_of,
)
from samspill.packages.models import PrivacyAssessment
from samspill.packages.service import store

WRITERS = ("agency_caseworker", "agency_leader", "municipality_leader")
APPROVERS = ("agency_leader", "municipality_leader")
SHIPPED = "dpia.yaml"
_CONFLICT, _FORBIDDEN, _NOT_FOUND = 409, 403, 404


@attrs.frozen(kw_only=True)
class AssessmentView:
    """An assessment as it is read: `changed` are the parts that differ from the approval before it."""

    id: uuid.UUID
    package_id: str
    package_version: str
    owner_org_no: str
    number: int
    state: str
    revision: int
    basis: Mapping[str, Any]
    basis_sha256: str
    answers: Answers
    risks: tuple[Risk, ...]
    lacking: tuple[Lacking, ...]
    residual: int
    changed: tuple[str, ...]
    made_at: dt.datetime
    changed_at: dt.datetime
    submitted_at: dt.datetime | None
    decided_at: dt.datetime | None
    decided_role: str
    note: str
    writers: tuple[uuid.UUID, ...]

    def as_json(self) -> dict[str, Any]:
        """Give what the public may read: everything but who wrote it."""
        plain = attrs.asdict(self, recurse=True, filter=lambda field, _: field.name != "writers")
        return {**plain, "answers": self.answers.as_json()}


def prepare_assessment(
    actor: Actor, *, package: Package, folder: Path | None = None
) -> AssessmentView:
    """Return the newest assessment of what a package declares, made now when there is none.

    A new one takes over the answers of the one before; the first takes those that come with the package
    (`dpia.yaml` in its folder). It is a draft: what is shipped is never approved.

    Raises:
        RefusedError: `not_owner`, or `bad_answers` when the file is not of the format.
    """
    _refuse_stranger(actor, package.service.owner, WRITERS)
    shipped = _shipped(folder)
    basis = basis_of(package)
    sha256 = sha256_of(basis)
    with transaction.atomic():
        store.lock(f"assessment {package.id}")
        rows = PrivacyAssessment.objects.filter(package_id=package.id)
        found = (
            rows.filter(basis_sha256=sha256).exclude(state="returned").order_by("-number").first()
        )
        if found is None:
            before = rows.order_by("-number").first()
            found = PrivacyAssessment.objects.create(
                package_id=package.id,
                package_version=package.version,
                owner_org_no=package.service.owner,
                number=(rows.aggregate(top=Max("number"))["top"] or 0) + 1,
                basis=basis,
                basis_sha256=sha256,
                answers=before.answers if before else shipped.as_json(),
                made_at=clock.now(),
                changed_at=clock.now(),
            )
    return _view(found)


def write_assessment(
    actor: Actor, *, assessment_id: uuid.UUID, revision: int, answers: Mapping[str, Any]
) -> AssessmentView:
    """Keep what people answer in a draft.

    Args:
        actor: an employee of the owner.
        assessment_id: which.
        revision: the one that was read; another has been written since when it differs.
        answers: `texts` by question and `risks` by key, as `read_answers` reads them.

    Raises:
        RefusedError: `assessment_not_found`, `not_owner`, `assessment_closed`, `changed_since`, `bad_answers`.
    """
    with transaction.atomic():
        row = _mine(actor, assessment_id, WRITERS)
        _refuse_unless(row, "draft")
        if row.revision != revision:
            raise refuse(
                "changed_since",
                "Somebody else has written in the assessment since you opened it.",
                remedy="Open it anew and write what you have to add.",
                status=_CONFLICT,
            )
        row.answers = _read(answers).as_json()
        row.writers = sorted({*row.writers, str(actor.person_id)})
        row.revision += 1
        row.changed_at = clock.now()
        row.save()
    return _view(row)


def submit_assessment(actor: Actor, *, assessment_id: uuid.UUID) -> AssessmentView:
    """Send an assessment for approval; nothing in it may be missing.

    Raises:
        RefusedError: `assessment_not_found`, `not_owner`, `assessment_closed`, `assessment_lacks`.
    """
    with transaction.atomic():
        row = _mine(actor, assessment_id, WRITERS)
        _refuse_unless(row, "draft")
        missing = _view(row).lacking
        if missing:
            raise refuse(
                "assessment_lacks",
                "One part of the assessment is not answered."
                if len(missing) == 1
                else "%(count)s parts of the assessment are not answered.",
                where=missing[0].key,
                remedy="Answer what is marked, and send it again.",
                values={"count": len(missing)},
            )
        row.state, row.submitted_by, row.submitted_at = "submitted", actor.person_id, clock.now()
        row.writers = sorted({*row.writers, str(actor.person_id)})
        row.save()
        told = events.PrivacyAssessmentSubmitted(
            assessment_id=row.id, package_id=row.package_id, number=row.number
        )
        log.append(told, actor=actor)
    return _view(row)


def decide_assessment(
    actor: Actor, *, assessment_id: uuid.UUID, approve: bool, note: str
) -> AssessmentView:
    """Approve an assessment, or send it back with a reason; nobody decides on what they have written in.

    What is sent back stays as it was, and a new draft with the same answers takes its place.

    Raises:
        RefusedError: `assessment_not_found`, `not_owner`, `assessment_closed`, `four_eyes`, `no_reason`.
    """
    with transaction.atomic():
        row = _mine(actor, assessment_id, APPROVERS)
        _refuse_unless(row, "submitted")
        if str(actor.person_id) in row.writers:
            raise refuse(
                "four_eyes",
                "Whoever has written in an assessment cannot approve it.",
                remedy="Let another leader of the organisation decide.",
                status=_FORBIDDEN,
            )
        if not approve and not note.strip():
            raise refuse(
                "no_reason", "Say why it is sent back.", where="note", remedy="Write a few words."
            )
        row.state = "approved" if approve else "returned"
        row.decided_by, row.decided_at = actor.person_id, clock.now()
        row.decided_role = next(role for role in APPROVERS if actor.has_role(role))
        row.note = note.strip()
        row.save()
        if not approve:
            _draft_after(row)
        told = events.PrivacyAssessmentDecided(
            assessment_id=row.id, package_id=row.package_id, number=row.number, is_approved=approve
        )
        log.append(told, actor=actor)
    return _view(row)


def _draft_after(row: PrivacyAssessment) -> None:
    rows = PrivacyAssessment.objects.filter(package_id=row.package_id)
    PrivacyAssessment.objects.create(
        package_id=row.package_id,
        package_version=row.package_version,
        owner_org_no=row.owner_org_no,
        number=(rows.aggregate(top=Max("number"))["top"] or 0) + 1,
        basis=row.basis,
        basis_sha256=row.basis_sha256,
        answers=row.answers,
        writers=row.writers,
        made_at=clock.now(),
        changed_at=clock.now(),
    )


def assessments(package_id: str) -> list[AssessmentView]:
    """Return every assessment of a service, newest first; anyone may read them."""
    rows = PrivacyAssessment.objects.filter(package_id=package_id).order_by("-number")
    return [_view(row) for row in rows]


def assessments_owned(org_no: str) -> list[AssessmentView]:
    """Return every assessment of an organisation's services, newest first, also of services not published yet."""
    rows = PrivacyAssessment.objects.filter(owner_org_no=org_no).order_by("package_id", "-number")
    return [_view(row) for row in rows]


def assessment(actor: Actor, *, assessment_id: uuid.UUID) -> AssessmentView:
    """Return one assessment to an employee of its owner.

    Raises:
        RefusedError: `assessment_not_found`, `not_owner`.
    """
    row = PrivacyAssessment.objects.filter(pk=assessment_id).first()
    if row is None:
        raise _not_found()
    _refuse_stranger(actor, row.owner_org_no, WRITERS)
    return _view(row)


def assessment_of(package: Package) -> AssessmentView | None:
    """Return the newest assessment of what a package declares, approved or not; None when there is none."""
    sha256 = sha256_of(basis_of(package))
    rows = PrivacyAssessment.objects.filter(package_id=package.id, basis_sha256=sha256)
    row = rows.exclude(state="returned").order_by("-number").first()
    return _view(row) if row else None


def is_approved(package: Package) -> bool:
    """Tell whether there is an approved assessment of what a package declares."""
    return PrivacyAssessment.objects.filter(
        package_id=package.id, basis_sha256=sha256_of(basis_of(package)), state="approved"
    ).exists()


def unapproved(packages: list[Package]) -> list[Package]:
    """Return those packages that have no approved assessment of what they declare."""
    return [one for one in packages if not is_approved(one)]


def refuse_unapproved(package: Package) -> None:
    """Stop a package that may not go live in production; elsewhere nothing is stopped.

    Raises:
        RefusedError: `assessment_not_approved`, which says how far it has come and where it is.
    """
    if settings.SAMSPILL["environment"] != "production" or is_approved(package):
        return
    there = assessment_of(package)
    shown = (
        store.latest(package.id) is not None
    )  # the page of the service is there from its first version
    raise refuse(
        "assessment_not_approved",
        "The assessment of privacy of %(package)s is not approved (%(state)s, %(lacks)s not answered).",
        where=f"/personvern/{package.id}/vurdering/" if shown else "/arbeid/personvern/",
        remedy="Answer it and have a leader approve it at /arbeid/personvern/, then try again.",
        law="Personvernforordningen artikkel 35",
        values={
            "package": package.id,
            "state": there.state if there else "none",
            "lacks": len(there.lacking) if there else 0,
        },
        status=_CONFLICT,
    )


def _shipped(folder: Path | None) -> Answers:
    file = folder / SHIPPED if folder else None
    if file is None or not file.is_file():
        return Answers({}, {})
    try:
        found = yaml.safe_load(file.read_bytes())
    except yaml.YAMLError as error:
        raise _bad_answers(str(error).splitlines()[0]) from None
    return _read(found if isinstance(found, dict) else {})


def _read(given: Mapping[str, Any]) -> Answers:
    try:
        return read_answers(given)
    except ValueError as error:
        raise _bad_answers(str(error)) from None


def _bad_answers(why: str) -> RefusedError:
    return refuse(
        "bad_answers",
        "The answers cannot be read: %(why)s",
        where=why.partition(":")[0],
        remedy="Correct it and send again.",
        values={"why": why},
    )


def _mine(actor: Actor, assessment_id: uuid.UUID, roles: tuple[str, ...]) -> PrivacyAssessment:
    row = PrivacyAssessment.objects.select_for_update().filter(pk=assessment_id).first()
    if row is None:
        raise _not_found()
    _refuse_stranger(actor, row.owner_org_no, roles)
    return row


def _refuse_unless(row: PrivacyAssessment, state: str) -> None:
    if row.state != state:
        raise refuse(
            "assessment_closed",
            "The assessment is not open for this any more.",
            remedy="Open it anew to see how it stands.",
            status=_CONFLICT,
        )


def _refuse_stranger(actor: Actor, owner: str, roles: tuple[str, ...]) -> None:
    if actor.kind == "system" or (actor.org_no == owner and actor.has_role(*roles)):
        return
    raise refuse(
        "not_owner",
        "Only those who work in the organisation that owns the service do this.",
        remedy="Ask the owner to do it.",
        status=_FORBIDDEN,
    )


def _not_found() -> RefusedError:
    return refuse(
        "assessment_not_found",
        "There is no such assessment.",
        remedy="Look at the list of services.",
        status=_NOT_FOUND,
    )


def _view(row: PrivacyAssessment) -> AssessmentView:
    answers = read_answers(row.answers)
    before = (
        PrivacyAssessment.objects.filter(
            package_id=row.package_id, state="approved", number__lt=row.number
        )
        .order_by("-number")
        .first()
    )
    return AssessmentView(
        id=row.id, package_id=row.package_id, package_version=row.package_version,
        owner_org_no=row.owner_org_no, number=row.number, state=row.state, revision=row.revision,
        basis=row.basis, basis_sha256=row.basis_sha256, answers=answers, risks=risks_of(row.basis),
        lacking=lacking(row.basis, answers), residual=residual(answers),
        changed=changed_parts(before.basis, row.basis) if before else (),
        made_at=row.made_at, changed_at=row.changed_at, submitted_at=row.submitted_at,
        decided_at=row.decided_at, decided_role=row.decided_role, note=row.note,
        writers=tuple(uuid.UUID(one) for one in row.writers),
    )  # fmt: skip
