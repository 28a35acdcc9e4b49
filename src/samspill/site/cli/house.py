"""The command `map`: rooms, doors, events and who listens, from the code itself."""

from __future__ import annotations

import argparse
import sys
from typing import Any


def register(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("map", help="rooms, doors, events and who listens")
    parser.set_defaults(command=_map)


def _map(options: argparse.Namespace) -> int:
    del options
    import django

    django.setup()
    from samspill.site.house import describe

    sys.stdout.write(describe())
    return 0
