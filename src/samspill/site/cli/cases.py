"""Commands of live cases: the month's run, those whom older cases name, and demo data."""

from __future__ import annotations

import argparse
from typing import Any

import attrs
import django

from samspill.kernel.periods import Month
from samspill.site.cli.io import Progress, UserError, count, say_on_stderr, write_json
from samspill.site.cli.language import spoken

_DEMO_SEED = 2026


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    terms = commands.add_parser("terms", help="services that are decided month by month")
    verbs = terms.add_subparsers(required=True, metavar="VERB")
    run = verbs.add_parser("run", help="decide every case of a term; goes on where it was stopped")
    run.add_argument("package")
    run.add_argument("term", metavar="YYYY-MM")
    run.add_argument("--batch", type=count, default=None, help="cases in one transaction")
    run.set_defaults(command=_run_term)
    cases = commands.add_parser("cases", help="cases of all services")
    verbs = cases.add_subparsers(required=True, metavar="VERB")
    name = verbs.add_parser(
        "name-persons",
        help="once after an upgrade: let older cases name those in their answers, so that family keeps away",
    )
    name.set_defaults(command=_name_persons)
    demo = commands.add_parser("demo", help="data to try with")
    verbs = demo.add_subparsers(required=True, metavar="VERB")
    load = verbs.add_parser("load", help="cases of the sandbox's people, and a national portfolio")
    load.add_argument("--persons", type=count, default=None, metavar="N", help="how many apply")
    load.add_argument("--seed", type=int, default=_DEMO_SEED)
    load.set_defaults(command=_load_demo)


def month(text: str) -> Month:
    """Return the month of YYYY-MM.

    Raises:
        UserError: it is not written so.
    """
    try:
        return Month.parse(text)
    except ValueError as error:
        raise UserError(
            "bad_term", "%(text)s is not a month; write it as YYYY-MM, for example 2026-08",
            where="TERM", remedy="Write for example 2026-08", text=repr(text),
        ) from error  # fmt: skip


def _run_term(options: argparse.Namespace) -> int:
    term = month(options.term)
    django.setup()
    from samspill.cases import service as cases

    show = Progress(f"{options.package} {term}", "cases")
    more = {} if options.batch is None else {"batch": options.batch}
    summary = cases.run_term(
        options.package, term, progress=lambda at: show(at.done + at.held, at.total), **more
    )
    told = {"decided": summary.decided, "held": summary.held}
    show.done(spoken("%(decided)s decided, %(held)s held for a person to look at", **told))
    write_json(_plain(attrs.asdict(summary)))
    return 0


def _plain(value: Any) -> Any:
    """Return the value with texts where JSON has no type of its own."""
    if isinstance(value, dict):
        if value.keys() == {"year", "month"}:
            return str(Month(**value))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _name_persons(options: argparse.Namespace) -> int:
    del options
    django.setup()
    from samspill.cases.service import persons

    looked, changed = persons.name_in_old_cases(
        say=lambda done: _say(spoken("%(done)s cases", done=done))
    )
    write_json({"looked_at": looked, "changed": changed})
    return 0


def _load_demo(options: argparse.Namespace) -> int:
    django.setup()
    from samspill.site import demo, demo_portfolio

    loaded = demo.load(people=options.persons, seed=options.seed, say=_say)
    portfolio = demo_portfolio.load_if_empty(say=_say)
    write_json({**attrs.asdict(loaded), "portfolio": portfolio and attrs.asdict(portfolio)})
    return 0


def _say(text: str) -> None:
    say_on_stderr(f"  {text}\n")
