"""Attachments: checked, cleaned, and kept once by their content.

    store      bytes in; a StoredFile, or why not (FileRefused)
    read       bytes out, with the access logged
    forget     the owner's row is marked; content goes when nobody refers to it

A file's type is judged by its content, not by its name. Pictures are written anew without EXIF, so that no
position or camera follows them. With `SAMSPILL_CLAMD` set each file is scanned (clamd, INSTREAM); without, the
result says `not_scanned` and the pages warn.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import socket
import struct
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import attrs
from django.conf import settings

from samspill.infra import access_log, clock, isolation
from samspill.infra.models import StoredFile
from samspill.kernel.actor import Actor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PIL import Image

MAX_BYTES = 10 * 1024 * 1024
_MAX_PIXELS = 60_000_000
_CHUNK = 64 * 1024
_SCAN_TIMEOUT_S = 20
_NAME_LENGTH = 200
_PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png"}
TYPES = ("application/pdf", *_PICTURES.values())


@attrs.frozen
class FileRefused:
    """Why a file was not taken. `reason` is a message key; nothing was stored."""

    reason: Literal["empty", "too_large", "type", "damaged", "virus", "scanner_down"]
    filename: str


def store(
    content: bytes, *, filename: str, owner_id: uuid.UUID | None, actor: Actor
) -> StoredFile | FileRefused:
    """Check, clean and keep a file. Takes PDF, JPEG and PNG up to 10 MiB."""
    name = _safe_name(filename)
    cleaned = _clean(content)
    if isinstance(cleaned, str):
        return FileRefused(cleaned, name)  # type: ignore[arg-type]
    data, media_type = cleaned
    scan = _scan(data)
    if scan in {"virus", "scanner_down"}:
        return FileRefused(scan, name)  # type: ignore[arg-type]
    digest = hashlib.sha256(data).hexdigest()
    _write(digest, data)
    row = StoredFile.objects.create(
        id=uuid.uuid4(),
        sha256=digest,
        size=len(data),
        media_type=media_type,
        filename=name,
        owner_id=owner_id,
        scan=scan,
        stored_at=clock.now(),
    )
    access_log.record(
        actor=actor,
        action="write",
        purpose="store an attachment",
        subject_id=owner_id,
        detail={"file": str(row.id)},
    )
    return row


def keep(data: bytes, *, filename: str, media_type: str, owner_id: uuid.UUID | None) -> StoredFile:
    """Keep a file that we made ourselves (receipts, letters)."""
    digest = hashlib.sha256(data).hexdigest()
    _write(digest, data)
    return StoredFile.objects.create(
        id=uuid.uuid4(),
        sha256=digest,
        size=len(data),
        media_type=media_type,
        filename=filename,
        owner_id=owner_id,
        scan="own",
        stored_at=clock.now(),
    )


def alike(kept: StoredFile, *, among: Iterable[uuid.UUID]) -> uuid.UUID | None:
    """Return the one of some files that has the same content as one that is kept; None when none has."""
    same = StoredFile.objects.filter(
        id__in=list(among), sha256=kept.sha256, owner_id=kept.owner_id, deleted_at=None
    ).exclude(id=kept.id)
    return same.values_list("id", flat=True).first()


def read(
    file_id: uuid.UUID, *, actor: Actor, purpose: str, case_id: uuid.UUID | None = None
) -> tuple[StoredFile, bytes]:
    """Return a file's row and bytes; the caller has checked that the actor may see it.

    Raises:
        StoredFile.DoesNotExist: no such file, or it has been forgotten.
        OSError: the content is gone or has been changed since it was stored.
    """
    row = _given(file_id)
    data = _path(row.sha256).read_bytes()
    if hashlib.sha256(data).hexdigest() != row.sha256:
        msg = f"the content of file {file_id} does not match its hash"
        raise OSError(msg)
    access_log.record(
        actor=actor,
        action="read",
        purpose=purpose,
        subject_id=row.owner_id,
        case_id=case_id,
        detail={"file": str(file_id)},
    )
    return row, data


def _given(file_id: uuid.UUID) -> StoredFile:
    """Return a file by its id alone: only a row that the actor sees leads to it, and nobody can guess it."""
    for row in StoredFile.objects.raw("SELECT * FROM infra_file_of(%s)", [file_id]):
        return row
    raise StoredFile.DoesNotExist


@isolation.widely("files")
def forget(file_id: uuid.UUID) -> None:
    """Take away an owner's file; the content goes when no other row refers to it, whoever's that is."""
    row = StoredFile.objects.select_for_update().get(id=file_id)
    row.deleted_at = clock.now()
    row.save(update_fields=["deleted_at"])
    if not StoredFile.objects.filter(sha256=row.sha256, deleted_at=None).exists():
        _path(row.sha256).unlink(missing_ok=True)


def scanning_is_on() -> bool:
    """Tell whether files are scanned; pages warn when not."""
    return bool(settings.SAMSPILL["clamd"])


def _clean(content: bytes) -> tuple[bytes, str] | str:
    if not content:
        return "empty"
    if len(content) > MAX_BYTES:
        return "too_large"
    if content.startswith(b"%PDF-"):
        return (content, "application/pdf") if b"%%EOF" in content[-2048:] else "damaged"
    return _clean_picture(content)


def _clean_picture(content: bytes) -> tuple[bytes, str] | str:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=tuple(_PICTURES)) as picture:
            if picture.width * picture.height > _MAX_PIXELS:
                return "too_large"
            return _without_exif(picture)
    except UnidentifiedImageError:
        return "type"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return "damaged"


def _without_exif(picture: Image.Image) -> tuple[bytes, str]:
    from PIL import Image, ImageOps

    kind = picture.format or "PNG"
    upright = ImageOps.exif_transpose(picture)
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    if upright.mode == "P" and (palette := upright.getpalette()):
        bare.putpalette(palette)
    out = io.BytesIO()
    bare.save(out, format=kind, quality=90)
    return out.getvalue(), _PICTURES[kind]


def _scan(data: bytes) -> str:
    """Return `clean`, `virus`, `not_scanned` or `scanner_down`. A scanner that is down stops the file."""
    address = settings.SAMSPILL["clamd"]
    if not address:
        return "not_scanned"
    try:
        with _connect(address) as connection:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), _CHUNK):
                chunk = data[start : start + _CHUNK]
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            answer = connection.makefile("rb").read().rstrip(b"\0\n")
    except OSError:
        return "scanner_down"
    if answer.endswith(b"FOUND"):
        return "virus"
    return "clean" if answer.endswith(b"OK") else "scanner_down"


def _connect(address: str) -> socket.socket:
    if address.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_SCAN_TIMEOUT_S)
        connection.connect(address)
        return connection
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_SCAN_TIMEOUT_S)


def _path(digest: str) -> Path:
    return Path(settings.SAMSPILL["files"]) / digest[:2] / digest


def _write(digest: str, data: bytes) -> None:
    path = _path(digest)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{digest}.{uuid.uuid4().hex}")
    with part.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def _safe_name(filename: str) -> str:
    bare = re.sub(r"[\x00-\x1f\x7f\\/:*?\"<>|]", "_", filename.rsplit("/", 1)[-1]).strip(" .")
    return (bare or "file")[-_NAME_LENGTH:]
