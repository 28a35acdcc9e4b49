"""Published versions: freezing, finding, pinning. What was published is checked against its hash when loaded."""

from __future__ import annotations

import datetime as dt
import functools
import re
from pathlib import Path
from typing import Any

import attrs
from django.db import IntegrityError, connection, transaction

from samspill.infra import clock, generation, sql
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.packages.domain import reading
from samspill.packages.domain.beside import BESIDE
from samspill.packages.domain.model import Package
from samspill.packages.models import PublishedPackage
from samspill.rules import RuleBook, load_files

_SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_LEFT_OUT = {"__init__.py", "compute.py", *BESIDE}
_MAX_DEPTH = 2  # texts/nb.yaml; deeper folders hold the rules' own test cases


@attrs.frozen(kw_only=True)
class Published:
    """A published version in short. `is_new` tells whether this call froze it."""

    package_id: str
    version: str
    sha256: str
    valid_from: dt.date
    valid_to: dt.date | None
    owner_org_no: str
    is_new: bool = False

    @property
    def id(self) -> str:
        """Give the id of the service."""
        return self.package_id

    @property
    def owner(self) -> str:
        """Give the organisation number of the owner."""
        return self.owner_org_no

    def as_json(self) -> dict[str, object]:
        """Return it as the commands write it."""
        plain = attrs.asdict(self)
        return {key: str(v) if isinstance(v, dt.date) else v for key, v in plain.items()}


def read_folder(path: Path) -> dict[str, bytes]:
    """Return the files of a package's folder: path → bytes.

    Left out: hidden files, the calculators' code, demo answers, the answers of the assessment of privacy.

    Anything else that is not part of the format is kept, so that check can say so.
    """
    files = {}
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        hidden = any(part.startswith((".", "__")) for part in name.split("/"))
        part_of = name not in _LEFT_OUT and name.count("/") < _MAX_DEPTH
        if file.is_file() and part_of and not hidden:
            files[name] = file.read_bytes()
    return files


def read_beside(path: Path) -> dict[str, bytes]:
    """Return the files in a package's folder that are not a part of it and yet speak of it: path → bytes."""
    return {name: (path / name).read_bytes() for name in BESIDE if (path / name).is_file()}


def freeze(package: Package, *, actor: Actor) -> Published:
    """Store a checked package for ever. The same content again changes nothing.

    Raises:
        RefusedError: `version_taken`: the version was published with other content.
    """
    number = _SEMVER.fullmatch(package.version)
    assert number is not None  # the reader has checked it
    row = PublishedPackage(
        package_id=package.id,
        version=package.version,
        major=int(number[1]),
        minor=int(number[2]),
        patch=int(number[3]),
        sha256=package.sha256,
        valid_from=package.service.valid_from,
        valid_to=package.service.valid_to,
        owner_org_no=package.service.owner,
        files={name: content.decode() for name, content in package.files.items()},
        lock=reading.lock_lines(package.files),
        published_at=clock.now(),
        published_by=actor.name or actor.kind,
    )
    found = PublishedPackage.objects.filter(package_id=package.id, version=package.version).first()
    if found is None:
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            found = PublishedPackage.objects.get(package_id=package.id, version=package.version)
        else:
            return _published(row, is_new=True)
    if found.sha256 != package.sha256:
        raise refuse(
            "version_taken",
            "Version %(version)s of %(package)s is published with other content.",
            where="service.yaml: version",
            remedy="A published version never changes: raise the version number.",
            values={"version": package.version, "package": package.id},
        )
    return _published(found, is_new=False)


def lock(package_id: str) -> None:
    """Let one at a time publish a service (until the end of the transaction)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"publish {package_id}"])


def find(sha256: str) -> Published | None:
    """Return the version with that content, if it is published."""
    row = PublishedPackage.objects.filter(sha256=sha256).defer("files", "lock").first()
    return _published(row) if row is not None else None


def latest(package_id: str) -> Package | None:
    """Return the highest version published of a service."""
    rows = PublishedPackage.objects.filter(package_id=package_id)
    row = rows.order_by("-major", "-minor", "-patch").defer("files", "lock").first()
    return _loaded(row.package_id, row.version, row.sha256) if row is not None else None


def version(package_id: str, number: str) -> Package:
    """Return a published version by its number.

    Raises:
        RefusedError: `no_version` (404).
    """
    rows = PublishedPackage.objects.filter(package_id=package_id, version=number)
    row = rows.defer("files", "lock").first()
    if row is None:
        raise refuse(
            "no_version",
            "Version %(version)s of %(package)s is not published.",
            where="version",
            remedy="See the list of published versions.",
            values={"package": package_id, "version": number},
            status=404,
        )
    return _loaded(row.package_id, row.version, row.sha256)


_IN_FORCE = (
    f"SELECT package_id, version, sha256 FROM {PublishedPackage._meta.db_table} "  # noqa: S608, SLF001
    "WHERE package_id = %s AND valid_from <= %s AND (valid_to IS NULL OR valid_to >= %s) "
    "ORDER BY major DESC, minor DESC, patch DESC LIMIT 1"
)


def published(package_id: str, *, on: dt.date | None = None) -> Package:
    """Return the newest version that is valid on a day (today when not given).

    Raises:
        RefusedError: `no_package` (404): nothing is published, or nothing is valid that day.
    """
    day = on or clock.today()
    row = _in_force(package_id, day)
    if row is None:
        raise refuse(
            "no_package",
            "There is no service %(package)s.",
            where="package",
            remedy="Look at the list of services.",
            values={"package": package_id},
            status=404,
        )
    return _loaded(*row)


@generation.kept
def _in_force(package_id: str, day: dt.date) -> tuple[Any, ...] | None:
    return sql.one(_IN_FORCE, [package_id, day, day])


def pinned(package_id: str, version: str, sha256: str) -> Package:
    """Return exactly the version that a case was made with; content is held against the hash.

    Raises:
        LookupError: that content was never published here.
    """
    return _loaded(package_id, version, sha256)


@functools.lru_cache(maxsize=64)
def _loaded(package_id: str, version: str, sha256: str) -> Package:
    try:
        row = PublishedPackage.objects.get(package_id=package_id, version=version, sha256=sha256)
    except PublishedPackage.DoesNotExist as error:
        msg = f"{package_id} {version} with hash {sha256} was never published here"
        raise LookupError(msg) from error
    files = {name: text.encode() for name, text in row.files.items()}
    if reading.content_hash(files) != sha256:
        msg = f"the stored files of {package_id} {version} do not match their hash"
        raise LookupError(msg)
    return reading.load_published(files)


def list_published() -> list[Published]:
    """Return every published version, newest first within each service."""
    rows = PublishedPackage.objects.order_by("package_id", "-major", "-minor", "-patch")
    return [_published(row) for row in rows.defer("files", "lock")]


@functools.lru_cache(maxsize=32)
def _book(sha256: str, package: Package) -> RuleBook:
    del sha256
    return load_files(package.files)


def rule_book(package: Package) -> RuleBook | None:
    """Return the package's rule book (kept in memory by hash), or None when it does not calculate."""
    return _book(package.sha256, package) if package.has_rules() else None


def _published(row: PublishedPackage, *, is_new: bool = False) -> Published:
    return Published(
        package_id=row.package_id,
        version=row.version,
        sha256=row.sha256,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        owner_org_no=row.owner_org_no,
        is_new=is_new,
    )
