"""A disk that is full: the sender is told to come back, nothing is half stored, and it goes on by itself (SP-43).

The disk of a test cannot be filled without rights of an administrator, so PostgreSQL's own fault (53100, `disk_full`)
is raised where it would come, by a trigger; the file system's own fault where a file is written.
"""

from __future__ import annotations

import errno
import os
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from samspill.cases.models import Application, Attachment, Case, Draft
from samspill.cases.tests.staff_web import a_citizens_browser
from samspill.cases.tests.test_web_applicant import begun, form_of, side
from samspill.infra import files
from samspill.infra.models import AccessEntry, Event, StoredFile

FULL = """
CREATE FUNCTION a_full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER a_full_disk BEFORE INSERT ON infra_event FOR EACH ROW EXECUTE FUNCTION a_full_disk();
"""
ROOM = "DROP FUNCTION IF EXISTS a_full_disk CASCADE"


def said(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def kari(known: Any, allotment: Any) -> Client:
    browser = a_citizens_browser(1)
    browser.raise_request_exception = False
    return browser


def rows() -> tuple[int, ...]:
    kinds = (Case, Application, Draft)
    logged = AccessEntry.objects.filter(action="write", detail__has_key="body_sha256")
    sent = Event.objects.filter(type="ApplicationSubmitted")
    return (*(kind.objects.count() for kind in kinds), sent.count(), logged.count())


@pytest.mark.django_db(transaction=True)
def test_a_database_without_room_stores_nothing_and_the_same_sending_succeeds_afterwards(
    kari,
) -> None:
    draft = begun(kari)
    for page, answers in (
        ("home", {"has_shed": "false"}),
        ("costs", {"fee": "400", "note": ""}),
    ):
        form = {**form_of(kari, side(draft, page)), **answers, "save": "1"}
        kari.post(side(draft, page), form)
    sending = {"key": "one", "declared": ["truth"]}
    try:
        said(FULL)
        answer = kari.post(f"{draft}send/", sending)
        assert (answer.status_code, answer["Retry-After"]) == (503, "30")
        assert rows() == (0, 0, 1, 0, 0)
    finally:
        said(ROOM)
    assert kari.post(f"{draft}send/", sending).status_code == 302
    assert rows() == (1, 1, 0, 1, 1)


@pytest.mark.django_db
def test_a_file_that_finds_no_room_is_told_and_leaves_no_row(kari, monkeypatch) -> None:
    here = side(begun(kari), "costs")
    kari.post(here, {**form_of(kari, here), "fee": "600", "save": ""})
    (field,) = re.findall(r'name="(file-\d+)"', kari.get(here).content.decode())

    def added() -> HttpResponse:
        paper = SimpleUploadedFile("a.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
        return kari.post(here, {**form_of(kari, here), field: paper, "upload": ""})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(files, "_write", full)
        answer = added()
        assert (answer.status_code, answer["Retry-After"]) == (507, "30")
    assert (StoredFile.objects.count(), Attachment.objects.count()) == (0, 0)
    assert added().status_code < 400
    assert (StoredFile.objects.count(), Attachment.objects.count()) == (1, 1)
