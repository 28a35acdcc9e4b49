"""The keys that numbers are encrypted and looked up with: a file of lines, `use id secret`.

    encrypt 3f9ac21b Zm9v…    the first of a use writes; all of them read
    hash    8be1f00d YmFy…

The id is made of the secret, so that a line that was mixed up is found when the file is read. Ids of keys that were
made for a laptop or a test begin with `local-`, and production refuses them. The file is the first source; an
operator with a key service mounts its file here, or gives another `Source`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, Protocol

import attrs
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from samspill.kernel.outcome import ToldError

Use = Literal["encrypt", "hash"]
USES: tuple[Use, ...] = ("encrypt", "hash")
FILE = "numbers.keys"
LOCAL = "local-"
_SECRET_BYTES = 32
_PARTS_OF_A_LINE = 3
_RESTORE = "Restore the file of keys from backup."
_HEAD = (
    "# Keys of national numbers: use, id, secret. The first of a use writes, all of them read.\n"
)


class KeyringError(ToldError):
    """The keys can not be used: why, and what to do."""

    code = "key_file"


@attrs.frozen
class Key:
    """One secret of 32 bytes for one use. Shows only its id."""

    use: Use
    id: str
    secret: bytes = attrs.field(repr=False)

    @functools.cached_property
    def cipher(self) -> AESGCM:
        """The cipher of the secret."""
        return AESGCM(self.secret)

    @property
    def is_local(self) -> bool:
        """Tell whether it was made for a laptop or a test."""
        return self.id.startswith(LOCAL)

    def as_line(self) -> str:
        """Return its line in the file."""
        return f"{self.use} {self.id} {base64.urlsafe_b64encode(self.secret).decode('ascii')}\n"


@attrs.frozen
class Keyring:
    """All keys in use; the first of each use writes."""

    keys: tuple[Key, ...]
    encrypting: tuple[Key, ...] = attrs.field(init=False)
    hashing: tuple[Key, ...] = attrs.field(init=False)
    _by_id: dict[str, Key] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        of_use = {use: tuple(key for key in self.keys if key.use == use) for use in USES}
        for use, found in of_use.items():
            if not found:
                msg = "There is no key for the use `%(use)s`."
                raise KeyringError(msg, _RESTORE, use=use)
        object.__setattr__(self, "encrypting", of_use["encrypt"])
        object.__setattr__(self, "hashing", of_use["hash"])
        object.__setattr__(self, "_by_id", {key.id: key for key in of_use["encrypt"]})

    @property
    def writes(self) -> Key:
        """The key that new values are encrypted with."""
        return self.encrypting[0]

    def reads(self, key_id: str) -> Key:
        """Return the key of a stored value.

        Raises:
            KeyringError: it is not among the keys: it was retired too early, or the backup's keys are missing.
        """
        key = self._by_id.get(key_id)
        if key is None:
            msg = "The key %(key)s is not in use."
            raise KeyringError(
                msg, "Put its line back from the keys kept with the backup.", key=key_id
            )
        return key


class Source(Protocol):
    """Where keys come from: a file, or a key service that somebody adapts."""

    def ring(self) -> Keyring:
        """Return the keys in use now; asked for every value, so it must be quick."""


@attrs.define
class FileSource:
    """Keys from a file, read again when the file changes."""

    path: Path
    _seen: tuple[int, int] | None = attrs.field(default=None, init=False)
    _ring: Keyring | None = attrs.field(default=None, init=False)

    def ring(self) -> Keyring:
        """Return the keys of the file; outside production it is made when there is none.

        Raises:
            KeyringError: missing in production, unreadable, or a line that does not hold.
        """
        try:
            found = self.path.stat()
        except FileNotFoundError:
            if settings.SAMSPILL["environment"] == "production":
                raise KeyringError(
                    "%(file)s is not in the folder of keys.",
                    "Make it with `samspill keys make`, or restore it: without it no stored number can be read.",
                    file=self.path.name,
                ) from None
            make_file(self.path, prefix=LOCAL)
            found = self.path.stat()
        state = (found.st_mtime_ns, found.st_ino)
        if self._ring is None or state != self._seen:
            self._ring, self._seen = read_file(self.path), state
        return self._ring


_sources: list[Source] = []


def use_source(source: Source | None) -> None:
    """Take the keys from another source from now on; None means the file again."""
    _sources[:] = [source] if source else []


def ring() -> Keyring:
    """Return the keys in use now."""
    return _sources[0].ring() if _sources else _file_source(settings.SAMSPILL["keys"]).ring()


def key_file() -> Path:
    """Return the file that keys are kept in (`SAMSPILL_KEYS`)."""
    return Path(settings.SAMSPILL["keys"]) / FILE


@functools.lru_cache(maxsize=8)
def _file_source(folder: Path | str) -> FileSource:
    return FileSource(Path(folder) / FILE)


# --- the file ------------------------------------------------------------------------------------


def new_key(use: Use, *, prefix: str = "") -> Key:
    """Make a key of 256 random bits."""
    secret = secrets.token_bytes(_SECRET_BYTES)
    return Key(use, f"{prefix}{_thumbprint(use, secret)}", secret)


def make_file(path: Path, *, prefix: str = "") -> None:
    """Make a file with a key for each use, readable by its owner only; one that is there is left alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = _write_beside(path, [new_key(use, prefix=prefix) for use in USES])
    try:
        with contextlib.suppress(FileExistsError):
            os.link(part, path)  # whoever is first: nobody's keys are ever overwritten
    finally:
        part.unlink()


def replace_file(path: Path, keys: Iterable[Key]) -> None:
    """Put other keys in the file, at once and whole.

    Raises:
        KeyringError: the file may not be written here, as when a key service mounts it.
    """
    ring = Keyring(tuple(keys))
    try:
        _write_beside(path, ring.keys).replace(path)
    except OSError as error:
        raise KeyringError(
            "%(name)s cannot be written: %(reason)s",
            "Change it where your key service makes it, then run the command with --rows-only.",
            name=str(path),
            reason=error.strerror,
        ) from error


def read_file(path: Path) -> Keyring:
    """Return the keys of a file.

    Raises:
        KeyringError: it can not be read, a line does not hold, or a use has no key.
    """
    try:
        lines = path.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not ASCII text"
        msg = "%(name)s cannot be read: %(reason)s"
        raise KeyringError(msg, _RESTORE, name=str(path), reason=reason) from error
    kept = ((at, line.split()) for at, line in enumerate(lines, 1) if line and line[0] != "#")
    return Keyring(tuple(_key(parts, f"{path.name}:{at}") for at, parts in kept))


def _key(parts: list[str], where: str) -> Key:
    if len(parts) != _PARTS_OF_A_LINE or parts[0] not in USES:
        msg = "%(line)s: this is not `encrypt|hash ID SECRET`."
        raise KeyringError(msg, _RESTORE, line=where)
    use, key_id = parts[0], parts[1]
    try:
        secret = base64.b64decode(parts[2], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != _SECRET_BYTES:
        msg = "%(line)s: the secret is not 32 bytes."
        raise KeyringError(msg, _RESTORE, line=where)
    if not hmac.compare_digest(key_id.removeprefix(LOCAL), _thumbprint(use, secret)):
        msg = "%(line)s: the id %(key)s is not this secret's."
        raise KeyringError(msg, _RESTORE, line=where, key=key_id)
    return Key(use, key_id, secret)


def _thumbprint(use: Use, secret: bytes) -> str:
    return hashlib.sha256(f"samspill {use} key ".encode("ascii") + secret).hexdigest()[:8]


def _write_beside(path: Path, keys: Iterable[Key]) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")  # 0600 from the first byte
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(_HEAD + "".join(key.as_line() for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
