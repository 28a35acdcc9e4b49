"""Our client key: a PEM file with one or more private RSA keys.

The **first** key signs; all are published at `/.well-known/jwks.json`. Rotation is three steps, a day apart, because
providers cache what is published: `add_key` (published, not yet used), `promote_key` (signs from now on), `retire_key`.
The key id is the RFC 7638 thumbprint, so that it is the same wherever it is worked out.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import Any

import attrs
from joserfc import jwt
from joserfc.jwk import RSAKey

from samspill.kernel.outcome import ToldError

_BITS = 2048
_PEM = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----\n?", re.DOTALL
)
_lock = threading.Lock()
_cache: dict[Path, tuple[int, tuple[RSAKey, ...]]] = {}


class KeyFileError(ToldError):
    """The key file can not be used: why, and what to do."""

    code = "key_file"


@attrs.frozen
class Signer:
    """Signs with the first key of a file."""

    path: Path

    def sign(self, claims: dict[str, Any], *, typ: str = "JWT") -> str:
        """Return a compact RS256 JWT with `kid`."""
        key = load_keys(self.path)[0]
        header = {"alg": "RS256", "kid": key.kid, "typ": typ}
        return jwt.encode(header, claims, key, algorithms=["RS256"])


def load_keys(path: Path) -> tuple[RSAKey, ...]:
    """Return the keys of a file, the signing one first; read again when the file changes.

    Raises:
        KeyFileError: missing, unreadable, empty, or a key too short.
    """
    try:
        changed = path.stat().st_mtime_ns
        cached = _cache.get(path)
        if cached and cached[0] == changed:
            return cached[1]
        keys = tuple(_key(block) for block in _PEM.findall(path.read_text("ascii")))
    except (OSError, ValueError) as error:
        raise KeyFileError(
            "The key file %(path)s cannot be read: %(reason)s",
            "Give the process access to it, or make one.",
            path=str(path),
            reason=_reason(error),
        ) from error
    if not keys:
        message = "The key file %(path)s holds no private key in PEM format."
        raise KeyFileError(message, "Restore the file from backup", path=str(path))
    _cache[path] = (changed, keys)
    return keys


def _reason(error: OSError | ValueError) -> str:
    """Say why a file does not do, and nothing of what stands in it."""
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "it is not a key that can be used"


def _key(pem: str) -> RSAKey:
    key = RSAKey.import_key(pem)
    if key.private_key is None or key.private_key.key_size < _BITS:
        message = f"the key is public or shorter than {_BITS} bits"
        raise ValueError(message)
    key.ensure_kid()
    return key


def ensure_key(path: Path) -> None:
    """Make a key file if there is none. Safe when several processes start at once; never overwrites."""
    if path.exists():
        return
    with _lock:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = _write_beside(path, _new_pem())
        try:
            with contextlib.suppress(FileExistsError):
                os.link(temporary, path)
        finally:
            temporary.unlink()


def add_key(path: Path) -> str:
    """Put a new key last in the file: published, not yet signing. Return its key id."""
    blocks = [*_blocks(path), _new_pem()]
    _replace(path, blocks)
    return str(_key(blocks[-1]).kid)


def promote_key(path: Path) -> str:
    """Let the newest key sign; the older ones stay published. Return its key id."""
    blocks = _blocks(path)
    _replace(path, [blocks[-1], *blocks[:-1]])
    return str(_key(blocks[-1]).kid)


def retire_key(path: Path) -> int:
    """Keep only the signing key; return how many were removed."""
    blocks = _blocks(path)
    _replace(path, blocks[:1])
    return len(blocks) - 1


def public_jwks(paths: list[Path]) -> dict[str, Any]:
    """Return the public halves of all keys as a JWK Set; a missing file is left out."""
    keys = {str(key.kid): key for path in paths if path.exists() for key in load_keys(path)}
    return {
        "keys": [
            {**key.as_dict(private=False), "kid": kid, "use": "sig", "alg": "RS256"}
            for kid, key in keys.items()
        ]
    }


def _blocks(path: Path) -> list[str]:
    load_keys(path)
    return [block.strip() + "\n" for block in _PEM.findall(path.read_text("ascii"))]


def _new_pem() -> str:
    return RSAKey.generate_key(_BITS, private=True).as_pem(private=True).decode("ascii")


def _replace(path: Path, blocks: list[str]) -> None:
    _write_beside(path, "".join(blocks)).replace(path)


def _write_beside(path: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
    return Path(name)
