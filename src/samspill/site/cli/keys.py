"""The command `keys rotate`: change the keys we sign with, a safe step at a time."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from samspill.site.cli.io import UserError, write_json


def register(commands: Any) -> None:
    """Add the command to the parser."""
    group = commands.add_parser("keys", help="the keys we sign with at ID-porten and Maskinporten")
    verbs = group.add_subparsers(required=True, metavar="VERB")
    rotate = verbs.add_parser(
        "rotate", help="take the step that is due: publish a new key, sign with it, retire the old"
    )
    rotate.add_argument(
        "--wait-hours", type=float, default=24, metavar="N",
        help="how long a key is published before it signs, and the old one after",
    )  # fmt: skip
    rotate.set_defaults(command=_rotate)


def _rotate(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from samspill.identity import service as identity

    if options.wait_hours < 0:
        raise UserError(
            "bad_input", "The wait cannot be negative.", where="--wait-hours", remedy="Give hours"
        )
    try:
        steps = identity.rotate_keys(wait=dt.timedelta(hours=options.wait_hours))
    except identity.KeyFileError as error:
        raise UserError(
            "key_file", str(error), where="key file", remedy="Restore the file from backup"
        ) from error
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
