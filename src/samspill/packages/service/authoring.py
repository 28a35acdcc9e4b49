"""For those who write packages: check a folder, make a new one, compare and describe versions."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from samspill.infra import clock
from samspill.kernel.outcome import refuse
from samspill.mandates import service as mandates
from samspill.packages.domain.beside import faults_beside
from samspill.packages.domain.checking import CheckReport, check_files
from samspill.packages.domain.creating import new_package
from samspill.packages.domain.differing import Diff, diff
from samspill.packages.domain.schema import json_schema
from samspill.packages.domain.shapes import ID
from samspill.packages.service import store

_NO_OWNER = "000000000"


def check(path: Path) -> CheckReport:
    """Check the package in a folder in full, and what lies beside it; nothing is stored, no database is needed.

    A fault in what lies beside is told and stops nobody from publishing: it is no part of what is published.
    """
    report = check_all(store.read_folder(path))
    if report.package is None:
        return report
    beside = faults_beside(report.package, store.read_beside(path))
    return attrs.evolve(report, errors=(*report.errors, *beside))


def check_all(files: Mapping[str, bytes]) -> CheckReport:
    """Check a folder's files in full, with the scopes of mandates that are in use today."""
    judge = functools.partial(mandates.scope_fault, on=clock.today())
    return check_files(files, scope_fault=judge)


def create(
    path: Path, package_id: str, *, owner: str = _NO_OWNER, today: dt.date | None = None
) -> Path:
    """Make a small working package in a new folder `path/package_id` and return the folder.

    Raises:
        RefusedError: `bad_id`, `folder_taken`.
    """
    if not ID.fullmatch(package_id):
        raise refuse(
            "bad_id",
            "%(id)s cannot be the id of a service.",
            where="ID",
            remedy="Use small letters a-z, digits and _, beginning with a letter.",
            values={"id": package_id},
        )
    folder = path / package_id
    if folder.exists():
        raise refuse(
            "folder_taken",
            "%(folder)s is already there.",
            where="--path",
            remedy="Choose another id or folder.",
            values={"folder": str(folder)},
        )
    files = new_package(package_id, today=today or clock.today(), owner=owner)
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def diff_versions(package_id: str, old: str, new: str) -> Diff:
    """Compare two published versions.

    Raises:
        RefusedError: `no_version`: one of them is not published.
    """
    return diff(store.version(package_id, old), store.version(package_id, new))


def describe(package_id: str) -> dict[str, Any]:
    """Describe the version of a service in force today: who, what is asked, what is looked up, what is decided.

    Raises:
        RefusedError: `no_package`.
    """
    package = store.published(package_id)
    service = package.service
    return {
        "id": package.id,
        "version": package.version,
        "sha256": package.sha256,
        "title": {lang: package.text("service.title", lang) for lang in service.languages},
        "owner": service.owner,
        "law": [str(law) for law in service.law],
        "purpose": service.purpose,
        "processing_basis": service.processing_basis,
        "decided_by": service.decided_by,
        "prepared_by": service.prepared_by,
        "login": attrs.asdict(service.login),
        "languages": list(service.languages),
        "pages": [page.id for page in package.form.pages],
        "lookups": {
            name: {
                "register": lookup.register,
                "legal_basis": lookup.legal_basis,
                "purpose": lookup.purpose,
            }
            for name, lookup in package.lookups.items()
        },
        "documents": list(package.documents),
        "tasks": [task.id for task in package.process.tasks],
        "outcomes": [decision.outcome for decision in package.process.decisions],
        "settings": list(package.settings),
        "examples": len([name for name in package.files if name.startswith("examples/")]),
        "schema": json_schema(package),
    }
