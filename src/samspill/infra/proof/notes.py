"""Signed notes, as C2SP describes them: a text that people can read, and lines that sign it (Ed25519).

A checkpoint (tlog-checkpoint) is a note of the lines origin, size, root (base64) and, as an extension, `time <UTC>`.
The log signs the text itself (kind 1). A witness signs `cosignature/v1`, the time it looked and the text (kind 4),
so that the log cannot claim that it looked at another time.

    samspill.example/log
    1200
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
    time 2026-11-22T12:00:00Z

    — samspill.example/log Az3gr…
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime as dt
import re
from hashlib import sha256
from pathlib import Path

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from samspill.kernel.outcome import ToldError

LOG, WITNESS = 1, 4
_KEY_ID, _TIME, _PUBLIC = 4, 8, 32
_NAME = re.compile(r"[^\s+]{1,200}")
_MAX_NOTE = 20_000


class NoteError(ToldError):
    """A note, a key or a signature that is not what it should be; the message says which."""

    code = "bad_key"


@attrs.frozen
class Key:
    """A public key: whose, what it may sign (`LOG` or `WITNESS`), and its 32 bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand before its signatures."""
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(named).digest()[:_KEY_ID]

    def as_text(self) -> str:
        """Write it as `name+id+key`, the form that is given to others."""
        key = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{key}"

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read `name+id+key`.

        Raises:
            NoteError: it is not such a text, or the id is not the key's.
        """
        name, _, rest = text.strip().partition("+")
        claimed, _, coded = rest.partition("+")
        raw = _decoded(coded, "the key")
        if not _NAME.fullmatch(name) or len(raw) != 1 + _PUBLIC or raw[0] not in {LOG, WITNESS}:
            msg = "this is not a key of the form name+id+base64"
            raise NoteError(msg)
        key = cls(name, raw[0], raw[1:])
        if key.id.hex() != claimed:
            msg = "the key's id does not belong to the key: it was copied wrongly"
            raise NoteError(msg)
        return key


@attrs.frozen
class Signer:
    """A private key and the public one that belongs to it."""

    key: Key
    private: Ed25519PrivateKey = attrs.field(repr=False)

    def sign(self, text: str, *, at: dt.datetime | None = None) -> str:
        """Return the line that signs a note's text; a witness's carries the time `at`."""
        if self.key.kind == LOG:
            return _line(self.key, self.private.sign(text.encode()))
        assert at is not None, "a witness says when it looked"
        seconds = int(at.timestamp())
        signature = self.private.sign(_cosigned(text, seconds))
        return _line(self.key, seconds.to_bytes(_TIME, "big") + signature)


@attrs.frozen
class Checkpoint:
    """What the log says of itself at one time: so many entries, this root."""

    origin: str
    size: int
    root: bytes
    at: dt.datetime

    def as_text(self) -> str:
        """Write the note's text, that is signed."""
        root = base64.b64encode(self.root).decode()
        at = self.at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{self.origin}\n{self.size}\n{root}\ntime {at}\n"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note's text.

        Raises:
            NoteError: a line is not what it should be.
        """
        lines = text.split("\n")
        if len(lines) != 5 or lines[4] or not lines[3].startswith("time "):  # noqa: PLR2004 - four lines
            msg = "a checkpoint has the lines origin, size, root and time"
            raise NoteError(msg)
        root = _decoded(lines[2], "the root")
        if not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]) or len(root) != len(sha256().digest()):
            msg = "the checkpoint's size or root is not readable"
            raise NoteError(msg)
        try:
            at = dt.datetime.strptime(lines[3][5:], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)
        except ValueError:
            msg = "the checkpoint's time is not readable"
            raise NoteError(msg) from None
        return cls(lines[0], int(lines[1]), root, at)


def split(note: str) -> tuple[str, tuple[str, ...]]:
    """Return a note's text and its signature lines.

    Raises:
        NoteError: there is no blank line and signature after the text.
    """
    text, blank, signed = note.rpartition("\n\n")
    lines = tuple(signed.rstrip("\n").split("\n"))
    if not blank or len(note) > _MAX_NOTE or not all(line.startswith("— ") for line in lines):
        msg = "this is not a signed note: text, an empty line, signatures"
        raise NoteError(msg)
    return f"{text}\n", lines


def joined(text: str, lines: tuple[str, ...] | list[str]) -> str:
    """Put a note together from its text and signature lines."""
    return f"{text}\n" + "".join(f"{line}\n" for line in lines)


def signed_at(text: str, lines: tuple[str, ...], key: Key) -> dt.datetime | None:
    """Verify that the key signed the text; return when, for a witness.

    Raises:
        NoteError: none of the lines is a true signature of the key.
    """
    public = Ed25519PublicKey.from_public_bytes(key.public)
    for line in lines:
        name, _, coded = line.removeprefix("— ").partition(" ")
        if name != key.name:
            continue
        raw = _decoded(coded, "the signature")
        if raw[:_KEY_ID] != key.id:
            continue
        return _verified(public, text, raw[_KEY_ID:], key)
    msg = "%(key)s has not signed this"
    raise NoteError(msg, key=key.name)


def opened(note: str, key: Key) -> Checkpoint:
    """Verify a log's note and return what it says.

    Raises:
        NoteError: it is not signed by the key, is not readable, or is another log's.
    """
    text, lines = split(note)
    signed_at(text, lines, key)
    checkpoint = Checkpoint.parse(text)
    if checkpoint.origin != key.name:
        msg = "the checkpoint is of %(origin)s, not of %(key)s"
        raise NoteError(msg, origin=checkpoint.origin, key=key.name)
    return checkpoint


def signer(path: Path, *, name: str, kind: int) -> Signer:
    """Read a private key from its file; make one there when there is none (mode 600).

    Raises:
        NoteError: the file is not an Ed25519 key, or the name cannot stand in a note.
    """
    if not _NAME.fullmatch(name):
        msg = "%(name)s cannot be a name in a note: no space and no plus"
        raise NoteError(msg, name=repr(name))
    if not path.exists():
        _make(path)
    private: object = None
    with contextlib.suppress(ValueError):
        private = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(private, Ed25519PrivateKey):
        msg = "%(file)s is not an Ed25519 private key"
        raise NoteError(msg, file=path.name)
    public = private.public_key().public_bytes_raw()
    return Signer(Key(name, kind, public), private)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    try:
        path.hardlink_to(fresh)  # the first of two processes wins, and both use its key
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)


def _line(key: Key, signature: bytes) -> str:
    return f"— {key.name} {base64.b64encode(key.id + signature).decode()}"


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _verified(
    public: Ed25519PublicKey, text: str, signature: bytes, key: Key
) -> dt.datetime | None:
    signed, at = text.encode(), None
    if key.kind == WITNESS:
        seconds, signature = int.from_bytes(signature[:_TIME], "big"), signature[_TIME:]
        signed = _cosigned(text, seconds)
        at = dt.datetime.fromtimestamp(min(seconds, 2**33), dt.UTC)
    try:
        public.verify(signature, signed)
    except InvalidSignature:
        msg = "the signature of %(key)s is not true"
        raise NoteError(msg, key=key.name) from None
    return at


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        msg = "%(what)s is not base64"
        raise NoteError(msg, what=what) from None
