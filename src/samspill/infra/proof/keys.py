"""The keys of the log and of the witness, and the witnesses that we trust.

`log.pem` in the folder of keys signs the checkpoints, `witness.pem` countersigns those of others. Both are the same on
every machine of an installation. A key that is no longer used stays in `log.retired`, a line each, so that old
checkpoints can still be checked.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from samspill.infra.http import Client
from samspill.infra.proof.notes import LOG, WITNESS, Key, NoteError, Signer, signer
from samspill.infra.proof.witness import Witness

LOG_FILE, WITNESS_FILE, RETIRED_FILE = "log.pem", "witness.pem", "log.retired"


def origin() -> str:
    """Return the log's name, as it stands in every checkpoint."""
    return str(settings.SAMSPILL["log_origin"])


def log_signer() -> Signer:
    """Return the key that signs checkpoints; outside production it is made when there is none.

    Raises:
        NoteError: there is none in production, or the file is not a key.
    """
    return _signer(LOG_FILE, name=origin(), kind=LOG)


def witness_signer() -> Signer:
    """Return the key that countersigns other logs' checkpoints; see `log_signer`."""
    return _signer(WITNESS_FILE, name=f"{origin().removesuffix('/log')}/witness", kind=WITNESS)


def log_keys() -> tuple[Key, ...]:
    """Return the log's key, and those it had before."""
    retired = _folder() / RETIRED_FILE
    lines = retired.read_text(encoding="utf-8").splitlines() if retired.exists() else []
    return (log_signer().key, *(Key.parse(line) for line in lines if line.strip()))


def witnesses() -> tuple[Key, ...]:
    """Return the keys of the witnesses whose countersignatures we take (`SAMSPILL_LOG_WITNESSES`)."""
    return tuple(Key.parse(text) for text in settings.SAMSPILL["log_witnesses"])


def watching(address: str, key: Key) -> Witness:
    """Return this installation as the witness of another's log."""
    return Witness(witness_signer(), key, Client("log", address), _folder() / "witnessed")


def watched() -> tuple[Witness, ...]:
    """Return the logs that this installation is a witness of (`SAMSPILL_LOG_WATCH`: key@address, spaces between)."""
    pairs = (text.rpartition("@") for text in settings.SAMSPILL["log_watch"])
    return tuple(watching(address, Key.parse(key)) for key, _, address in pairs)


def _signer(file: str, *, name: str, kind: int) -> Signer:
    path = _folder() / file
    if settings.SAMSPILL["environment"] == "production" and not path.exists():
        msg = "%(file)s is not in the folder of keys."
        raise NoteError(msg, file=file)
    return signer(path, name=name, kind=kind)


def _folder() -> Path:
    return Path(settings.SAMSPILL["keys"])
