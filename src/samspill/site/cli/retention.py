"""The commands `retention status` and `retention check`: what is past its time, what was deleted, and its proof."""

from __future__ import annotations

import argparse
from typing import Any

import attrs

from samspill.site.cli.io import UserError, open_input, read_values, write_json

_SHOWN = 20


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    group = commands.add_parser("retention", help="what is deleted when its time is over (SP-12)")
    verbs = group.add_subparsers(required=True, metavar="VERB")
    status = verbs.add_parser(
        "status", help="what is past its time, what was deleted, and the hash of each deletion"
    )
    status.add_argument(
        "--latest", type=int, default=_SHOWN, metavar="N", help="how many deletions are listed"
    )
    status.set_defaults(command=_status)
    check = verbs.add_parser(
        "check", help="was exactly this deleted? FILE: a JSON list of the rows' identifiers"
    )
    check.add_argument("file", nargs="?", default="-")
    check.set_defaults(command=_check)


def _status(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from samspill.infra import clock, deletions

    if options.latest < 0:
        raise UserError(
            "bad_input", "N cannot be negative.", where="--latest", remedy="Give 0 or more"
        )
    write_json(
        {
            "at": clock.now().isoformat(),
            "due": [_plain(one) for one in deletions.all_due()],
            "deleted": [_plain(one) for one in deletions.totals()],
            "latest": [_plain(one) for one in deletions.latest(options.latest)],
        }
    )
    return 0


def _check(options: argparse.Namespace) -> int:
    """Answer 0 when a deletion has exactly these rows, 1 when none has."""
    import django

    django.setup()
    from samspill.infra import deletions

    ids = _identifiers(options.file)
    digest = deletions.proof_of(ids)
    found = deletions.latest(_SHOWN, sha256=digest)
    write_json({"sha256": digest, "count": len(ids), "deletions": [_plain(one) for one in found]})
    return 0 if found else 1


def _identifiers(name: str) -> list[str]:
    with open_input(name) as stream:
        told = next((value for _where, value in read_values(stream)), None)
    if not isinstance(told, list) or not told or not all(isinstance(one, str) for one in told):
        message = "This is not a list of identifiers."
        raise UserError("bad_input", message, where="FILE", remedy='Write ["…", "…"]')
    return told


def _plain(one: Any) -> dict[str, Any]:
    found = attrs.asdict(one)
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in found.items()
    }
