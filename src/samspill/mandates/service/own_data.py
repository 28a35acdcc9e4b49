"""What the room holds about a person: mandates given and received, their history, blocks, what registers said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from samspill.infra.own_data import Asked, Door, Record, Section, record
from samspill.mandates.models import (
    Acting,
    Block,
    CodeLetter,
    Grant,
    Imported,
    Notice,
    OrganisationUser,
    Party,
    Role,
    Step,
)


def personal_data_of(asked: Asked) -> Iterator[Section]:
    """Give every section of the room about a person."""
    for key, title, records in (*_mandates(asked), *_around(asked)):
        yield Section(key=f"mandates.{key}", title=title, records=tuple(records))


_Part = tuple[str, str, list[Record]]


def _mandates(asked: Asked) -> Iterator[_Part]:
    me = asked.person_id
    grants = Grant.objects.select_related("text").filter(Q(grantor_id=me) | Q(grantee_id=me))
    acting = Acting.objects.filter(Q(person_id=me) | Q(subject_id=me))
    told = Notice.objects.filter(person_id=me).order_by("queued_at")
    yield (
        "grants",
        _("Mandates you have given or received"),
        [_grant(row, asked) for row in grants.order_by("created_at")],
    )
    yield (
        "acting",
        _("Whom you act for now, and who acts for you"),
        [_acting(row, asked) for row in acting],
    )
    yield "notices", _("What you have been told about mandates"), [_notice(row) for row in told]


def _around(asked: Asked) -> Iterator[_Part]:
    me = asked.person_id
    parties = Party.objects.filter(person_id=me)
    blocks = Block.objects.filter(person_id=me).order_by("at")
    users = OrganisationUser.objects.filter(person_id=me)
    roles = Role.objects.select_related("organisation").filter(person_id=me)
    worlds = Imported.objects.filter(person_id=me)
    names = [record({"ref": row.ref}, {"ref": _("Name")}) for row in worlds]
    yield "known", _("What mandates are decided by"), [_party(row) for row in parties]
    yield "blocks", _("When you shut or opened for mandates"), [_block(row) for row in blocks]
    yield (
        "organisations",
        _("Organisations that let you use their mandates"),
        [_user(row) for row in users],
    )
    yield "roles", _("Your roles in organisations"), [_role(row) for row in roles]
    yield "imported", _("Your name in an imported world"), names


def _block(row: Block) -> Record:
    data = {
        "blocked": row.blocked,
        "at": row.at,
        "reason": row.reason,
        "by_organisation": row.by_org_no,
    }
    return record(data, {"at": _("When"), "blocked": _("Shut"), "reason": _("Why")})


def _user(row: OrganisationUser) -> Record:
    data = {
        "organisation": row.org_no,
        "name": row.name,
        "named_at": row.named_at,
        "ended_at": row.ended_at,
    }
    labels = {"organisation": _("Organisation"), "named_at": _("Since"), "ended_at": _("Ended")}
    return record(data, labels)


def _role(row: Role) -> Record:
    data = {
        "organisation": row.organisation.pk,
        "code": row.code,
        "level": row.level,
        "joint": row.joint,
        "court_appointed": row.court_appointed,
        "ended": row.ended,
    }
    labels = {"organisation": _("Organisation"), "code": _("Role"), "ended": _("Ended")}
    return record(data, labels)


def _notice(row: Notice) -> Record:
    data = {
        "kind": row.kind,
        "title": row.title,
        "text": row.text,
        "channel": row.channel,
        "language": row.language,
        "state": row.state,
        "queued_at": row.queued_at,
        "sent_at": row.sent_at,
        "read_at": row.read_at,
    }
    labels = {"title": _("Heading"), "text": _("Text"), "sent_at": _("Sent")}
    return record(data, labels)


def _acting(row: Acting, asked: Asked) -> Record:
    role = "agent" if row.person_id == asked.person_id else "represented"
    data = {"role": role, "scope": row.scope, "begun_at": row.begun_at}
    return record(data, {"scope": _("What it covers"), "begun_at": _("Since")})


def _grant(row: Grant, asked: Asked) -> Record:
    giver = row.grantor_id == asked.person_id
    data: dict[str, Any] = {
        "id": str(row.id),
        "role": "giver" if giver else "agent",
        "kind": row.kind,
        "source": row.source,
        "other": row.grantee_name if giver else row.grantor_name,
        "organisation": row.grantee_org,
        "scopes": list(row.scopes),
        "level": row.level,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "may_delegate": row.may_delegate,
        "made_at": row.created_at,
        "accepted_at": row.accepted_at,
        "ended_at": row.revoked_at,
        "ended_because": row.revoke_reason,
        "signed_text": row.text.text if row.text else "",
        "signed_text_sha256": row.text.sha256 if row.text else "",
        **_history(row),
    }
    labels = {
        "other": _("The other one"),
        "organisation": _("Organisation"),
        "scopes": _("What it covers"),
        "valid_from": _("From"),
        "valid_to": _("To"),
        "made_at": _("Made"),
        "accepted_at": _("Accepted"),
        "ended_at": _("Ended"),
    }
    return record(data, labels, _("Mandate you have given") if giver else _("Mandate to act"))


def _history(row: Grant) -> dict[str, Any]:
    steps = Step.objects.filter(grant_id=row.id).order_by("id")
    codes = CodeLetter.objects.filter(grant_id=row.id).order_by("made_at")
    return {
        "steps": list(steps.values("what", "at", "channel", "scope", "by_org_no")),
        "code_letters": list(codes.values("made_at", "expires_at", "attempts", "used_at")),
    }


def _party(row: Party) -> Record:
    data = {
        "born": row.born,
        "died": row.died,
        "protection": row.protection,
        "told_at": row.told_at,
        "blocks_voluntary": row.blocks_voluntary,
    }
    labels = {
        "born": _("Born"),
        "told_at": _("Folkeregisteret said so"),
        "blocks_voluntary": _("Shut for mandates"),
    }
    return record(data, labels)


DOOR = Door(
    room="mandates",
    give=personal_data_of,
    tables={
        "mandates_grant": "mandates.grants",
        "mandates_granttext": "mandates.grants",
        "mandates_step": "mandates.grants",
        "mandates_codeletter": "mandates.grants",
        "mandates_party": "mandates.known",
        "mandates_block": "mandates.blocks",
        "mandates_organisationuser": "mandates.organisations",
        "mandates_acting": "mandates.acting",
        "mandates_imported": "mandates.imported",
        "mandates_notice": "mandates.notices",
        "mandates_role": "mandates.roles",
    },
    acts={
        "mandates_grant": ("created_by", "revoked_by"),
        "mandates_codeletter": ("made_by",),
        "mandates_organisationuser": ("named_by", "ended_by"),
        "mandates_step": ("by_person_id",),
        "mandates_block": ("by_person_id",),
    },
)
