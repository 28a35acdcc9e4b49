"""The command `samspill`. Each command reads JSON from FILE or `-` and writes JSON and nothing else.

main            parses, runs, and turns what users can mend into an error object and exit code 2
running.py      run, serve, worker, migrate, check
packages.py     package check, list, describe, publish, diff, new
rules.py        rules compute, limit
mandates.py     mandates decide, import, import-freg, client
economics.py    impact npv, distribution, learn, simulate
economics_settlement.py  settlement share, tariff
economics_portfolio.py   portfolio optimise
cases.py        terms run, cases name-persons, demo load
computing.py    what the commands that only compute need of Django
language.py     in which language a command says what is wrong
keys.py         keys rotate, keys status, keys make
log.py          log seal, check, verify, export, forget, witness, key
retention.py    retention status, check
house.py        map
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from django.db.utils import OperationalError

from samspill.kernel.outcome import RefusedError, ToldError
from samspill.site.cli import (
    cases,
    economics,
    economics_portfolio,
    economics_settlement,
    house,
    keys,
    log,
    mandates,
    packages,
    retention,
    rules,
    running,
)
from samspill.site.cli.io import UserError, say_on_stderr, write_json
from samspill.site.cli.language import as_object, spoken, usage_text

_GROUPS = (
    running,
    packages,
    rules,
    cases,
    mandates,
    economics,
    economics_settlement,
    economics_portfolio,
    keys,
    log,
    retention,
    house,
)


class _Help(argparse.HelpFormatter):
    """Writes help in the language of the command, what Python's reader of arguments says of itself included."""

    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        super().add_usage(usage, actions, groups, spoken("usage: ") if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(heading and spoken(heading))

    def add_text(self, text: str | None) -> None:
        super().add_text(text and spoken(text))

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help and spoken(action.help)


class _Parser(argparse.ArgumentParser):
    """Answers a wrong word or a missing one as all bad input is answered: with an error object."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Help, **options})

    def error(self, message: str) -> NoReturn:
        usage = " ".join(self.format_usage().removeprefix(spoken("usage: ")).split())
        said, values = usage_text(message)
        raise UserError(
            "bad_usage", said, where=self.prog, remedy="Use: %(usage)s", usage=usage, **values
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 a check said no, 2 bad input."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
    try:
        options = _parsed(arguments)
        _take_role(options)
        code: int = options.command(options)
    except (UserError, RefusedError, ToldError) as error:
        return _say(_told(error))
    except (OperationalError, UnicodeDecodeError) as error:
        return _say(_as_user_error(error).as_json())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        if error.filename is None:
            raise
        return _say(_of_file(error).as_json())
    except KeyboardInterrupt:
        code = 130
    return code


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="samspill",
        description="One platform on which state and municipalities deliver together.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in _GROUPS:
        group.register(commands)
    options, rest = parser.parse_known_args(arguments)
    if rest and not (len(rest) == 1 and take_file(options, rest[0])):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def _told(error: UserError | RefusedError | ToldError) -> dict[str, str]:
    """Return the error object of what says itself what is wrong and what to do."""
    if isinstance(error, RefusedError):
        return as_object(error.refused)
    one = UserError.of(error, where="SAMSPILL_KEYS") if isinstance(error, ToldError) else error
    return one.as_json()


def _as_user_error(error: OperationalError | UnicodeDecodeError) -> UserError:
    """Say what the caller can mend about the installation, or about how the input is written."""
    if isinstance(error, UnicodeDecodeError):
        return UserError(
            "not_utf8",
            "The input is not UTF-8: %(reason)s",
            where=f"byte {error.start + 1}",
            remedy="Save the file as UTF-8",
            reason=error.reason,
        )
    return UserError(
        "no_database",
        "The database does not answer: %(reason)s",
        where="DATABASE_URL",
        remedy="Start it, or correct DATABASE_URL. `samspill run` starts its own when none is set",
        reason=str(error).splitlines()[0].strip(),
    )


def _of_file(error: OSError) -> UserError:
    """Say which file or folder could not be used."""
    return UserError(
        "no_file",
        "%(name)s cannot be used: %(reason)s",
        where=str(error.filename),
        remedy="Give a path that this user may read or write",
        name=str(error.filename),
        reason=error.strerror,
    )


def _take_role(options: argparse.Namespace) -> None:
    """Say as whom this process connects, before the settings are read: commands are jobs, `migrate` is the owner.

    What does not stay (`run`, `serve`, `worker`) connects once and without a pool, and says at once when it cannot.
    """
    from django.conf import settings

    role = getattr(options, "database_role", "job")
    if not settings.configured:
        os.environ["SAMSPILL_DATABASE_ROLE"] = role if hasattr(options, "stays") else f"{role}-once"


def take_file(options: argparse.Namespace, word: str) -> bool:
    """Take FILE when it stands after the options, where argparse does not see it."""
    fits = getattr(options, "file", None) == "-" and (word == "-" or not word.startswith("-"))
    if fits:
        options.file = word
    return fits


def _say(error: dict[str, str]) -> int:
    write_json({"error": error})
    say_on_stderr(f"{error['message']}\n{error['remedy']}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
