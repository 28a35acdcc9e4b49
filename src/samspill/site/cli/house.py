"""The commands `map` (rooms, doors, events and who listens, from the code itself) and `events` (what nobody took)."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import attrs

from samspill.site.cli.io import UserError, count, write_json


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    parser = commands.add_parser("map", help="rooms, doors, events and who listens")
    parser.set_defaults(command=_map)
    group = commands.add_parser("events", help="events that a listener could not take (SP-38)")
    verbs = group.add_subparsers(required=True, metavar="VERB")
    aside = verbs.add_parser("put-aside", help="list those that wait, with who answers for them")
    aside.set_defaults(command=_put_aside)
    again = verbs.add_parser("again", help="hand one over again, when its cause is mended")
    again.add_argument("number", type=count, metavar="N", help="its number on the list")
    again.set_defaults(command=_again)


def _map(options: argparse.Namespace) -> int:
    del options
    import django

    django.setup()
    from samspill.site.house import describe

    sys.stdout.write(describe())
    return 0


def _put_aside(options: argparse.Namespace) -> int:
    """Answer 0 when nothing waits, 1 when something does: a monitor need read no more."""
    del options
    import django

    django.setup()
    from samspill.infra import put_aside

    waiting = put_aside.waiting()
    write_json({"waiting": [_plain(one) for one in waiting]})
    return 1 if waiting else 0


def _again(options: argparse.Namespace) -> int:
    import django

    django.setup()
    from samspill.infra import put_aside
    from samspill.infra.logs import what_failed

    where = f"N {options.number}"
    try:
        taken = put_aside.hand_over(options.number)
    except Exception as error:
        raise UserError(
            "not_taken", "The listener failed again: %(reason)s", where=where,
            remedy="Mend what is said there, and hand it over once more",
            reason=what_failed(error).splitlines()[0],
        ) from error  # fmt: skip
    if taken is None:
        raise UserError(
            "no_such_event", "There is no such event on the list.", where=where,
            remedy="See the numbers with `samspill events put-aside`",
        )  # fmt: skip
    write_json({"taken": _plain(taken)})
    return 0


def _plain(one: Any) -> dict[str, Any]:
    found = attrs.asdict(one)
    return {
        **found,
        "key": str(one.key) if one.key else None,
        "at": one.at.isoformat(),
        "error": one.error.splitlines(),
    }
