"""The peers on our own server: same middleware, session, CSRF and checks; only what is measured differs."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

from django.db import transaction
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.views.decorators.http import require_POST

from samspill.cases.models import Attachment, Draft
from samspill.cases.service import storing
from samspill.identity.service import needs
from samspill.infra import clock, events, sql
from samspill.infra.models import AccessEntry, Event

_with_orm = threading.local()
_one_statement = storing.store


@needs(role="citizen")
@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Answer an empty POST: what a request costs before anything is done."""
    assert request.POST is not None
    return HttpResponse("ok", content_type="text/plain")


_THREE_ROWS = """
WITH application AS (INSERT INTO peer_application (case_id, applicant_id, answers, facts, reasons, declaration,
  body_sha256, request_sha256, idempotency_key, receipt_code, submitted_at, of_municipality, of_package, of_hidden)
VALUES (gen_random_uuid(), gen_random_uuid(), %s::jsonb, '{}'::jsonb, '{}'::jsonb, '{"truth": "2026-11-22"}'::jsonb,
  repeat('a', 64), repeat('b', 64), %s, left(%s, 24), now(), gen_random_uuid(), 'bench', false)),
logged AS (INSERT INTO peer_access_entry (at, actor_kind, actor_id, subject_id, actor_org_no, actor_roles, action,
  purpose, legal_basis, case_id, fields, outcome, channel, request_id, detail)
VALUES (now(), 'citizen', gen_random_uuid(), gen_random_uuid(), '', '[]'::jsonb, 'write', 'bench', 'bench',
  gen_random_uuid(), '["a", "b", "c"]'::jsonb, 'permit', 'api', repeat('a', 32), '{}'::jsonb)),
told AS (INSERT INTO peer_event (at, txid, type, room, key, body)
VALUES (now(), pg_current_xact_id()::text::bigint, 'ApplicationSubmitted', 'cases', gen_random_uuid(), '{}'::jsonb))
SELECT 1"""


@needs(role="citizen")
@require_POST
def three_rows(request: HttpRequest) -> HttpResponse:
    """Store pgbench's three rows as they come: nothing is looked up, judged or answered. No submission is cheaper."""
    key = uuid.uuid4().hex
    sql.run(_THREE_ROWS, [request.body.decode(), key, key])
    return HttpResponse("ok", status=201, content_type="text/plain")


@needs(role="citizen")
@require_POST
def submit_with_orm(request: HttpRequest) -> HttpResponseBase:
    """Do what `POST /api/v1/applications` does, and store with Django's ORM, row by row in one transaction."""
    _with_orm.on = True
    try:
        response: HttpResponseBase = resolve("/api/v1/applications").func(request)
    finally:
        _with_orm.on = False
    return response


def _store(**given: Any) -> None:
    if not getattr(_with_orm, "on", False):
        _one_statement(**given)
        return
    with transaction.atomic():
        _by_orm(**given)


def _by_orm(
    *, actor: Any, case: Any, application: Any, tasks: Any, entry: Any, happened: Any, purpose: str,
    legal_basis: str, draft_id: Any,
) -> None:  # fmt: skip
    case.save(force_insert=True)
    application.save(force_insert=True)
    for task in tasks:
        task.save(force_insert=True)
    if entry is not None:
        entry.save(force_insert=True)
    if draft_id is not None:
        Attachment.objects.filter(draft_id=draft_id).update(case_id=draft_id, draft_id=None)
        Draft.objects.filter(id=draft_id).delete()
    AccessEntry.objects.create(
        at=clock.now(), actor_kind=actor.kind, actor_id=actor.person_id, actor_org_no=actor.org_no or "",
        actor_roles=sorted(actor.roles), on_behalf_of=actor.on_behalf_of, subject_id=case.applicant_id,
        action="write", purpose=purpose, legal_basis=legal_basis, case_id=case.id,
        fields=sorted(application.answers), channel=actor.channel, request_id=actor.request_id,
        detail={"body_sha256": application.body_sha256},
    )  # fmt: skip
    for event in happened:
        at, kind, room, key, body = events.as_row(event, actor=actor)
        Event.objects.create(
            at=at, txid=RawSQL("pg_current_xact_id()::text::bigint", ()), type=kind, room=room, key=key,
            body=json.loads(body),
        )  # fmt: skip


storing.store = _store
