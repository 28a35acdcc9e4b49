"""The commands `keys rotate`, `keys status` and `keys make`: the keys we sign with, and those of national numbers."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any

from samspill.site.cli.io import UserError, write_json

_LONGEST_WAIT_H = 8760


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    group = commands.add_parser(
        "keys", help="the keys we sign with, and those that national numbers are encrypted with"
    )
    verbs = group.add_subparsers(required=True, metavar="VERB")
    rotate = verbs.add_parser(
        "rotate", help="take the step that is due: publish a new key, use it, retire the old"
    )
    rotate.add_argument(
        "--wait-hours", type=float, default=24, metavar="N",
        help="how long a key is published before it is used, and the old one after",
    )  # fmt: skip
    rotate.add_argument(
        "--rows-only", action="store_true",
        help="change no file: bring the stored numbers where the file of keys says (a key service makes the file)",
    )  # fmt: skip
    rotate.set_defaults(command=_rotate)
    status = verbs.add_parser(
        "status", help="how many rows stand under each key of national numbers"
    )
    status.set_defaults(command=_status)
    make = verbs.add_parser("make", help="make the file of keys of national numbers for production")
    make.set_defaults(command=_make)


def _rotate(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from samspill.identity import service as identity

    if not 0 <= options.wait_hours <= _LONGEST_WAIT_H:
        raise UserError(
            "bad_input", "The wait is from 0 to %(most)s hours.", where="--wait-hours",
            remedy="Give hours", most=_LONGEST_WAIT_H,
        )  # fmt: skip
    wait = dt.timedelta(hours=options.wait_hours)
    with _told_as_errors():
        if options.rows_only:
            write_json({"file": "numbers.keys", "rows": identity.bring_rows(say=_progress)})
            return 0
        numbers = identity.rotate_number_keys(wait=wait, say=_progress)
        steps = (*identity.rotate_keys(wait=wait), numbers)
    for done in steps:
        write_json(
            {
                "file": done.file,
                "step": done.step,
                "kid": done.kid,
                "next_step": done.next_step,
                "next_at": done.next_at.isoformat() if done.next_at else None,
            }
        )
    return 0


def _progress(column: str, done: int) -> None:
    """Tell how far a column has come, for whoever watches."""
    sys.stderr.write(f"{column}: {done}\n")
    sys.stderr.flush()


def _status(options: argparse.Namespace) -> int:
    del options
    import django

    django.setup()
    from samspill.identity import service as identity

    with _told_as_errors():
        for key in identity.key_status():
            write_json({"use": key.use, "key": key.id, "state": key.state, "rows": key.rows})
    return 0


def _make(options: argparse.Namespace) -> int:
    del options
    import django

    django.setup()
    from samspill.infra.encryption import keyring

    path = keyring.key_file()
    if path.exists():
        raise UserError(
            "exists", "%(path)s is there already, and what is stored may need it.",
            where="SAMSPILL_KEYS", remedy="Change keys with `samspill keys rotate`", path=str(path),
        )  # fmt: skip
    with _told_as_errors():
        keyring.make_file(path)
        ring = keyring.read_file(path)
    write_json({"file": path.name, "keys": [key.id for key in ring.keys]})
    return 0


@contextlib.contextmanager
def _told_as_errors() -> Iterator[None]:
    """Say what is wrong with a key as every command says what is wrong."""
    from samspill.identity import service as identity
    from samspill.infra.encryption.keyring import KeyringError
    from samspill.infra.encryption.values import NotOpened

    try:
        yield
    except (identity.KeyFileError, KeyringError) as error:
        raise UserError.of(error, where="key file") from error
    except NotOpened as error:
        raise UserError.of(error, where="database") from error
