"""Commands that start the system or its parts: run, serve, worker, migrate, check."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import django

from samspill.kernel.outcome import Refused
from samspill.site.cli.io import UserError, count, port, say_on_stderr, write_json
from samspill.site.cli.language import as_object

_PORT = 8000
_TOLD = ("where", "message", "remedy")


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    run = commands.add_parser("run", help="everything on one machine, ready to try")
    run.add_argument("--port", type=port, default=_PORT)
    run.add_argument("--data", type=Path, default=Path(".data"))
    run.add_argument("--no-demo", action="store_true", help="start with no cases")
    run.add_argument("--persons", type=count, default=3000, help="households in the sandbox")
    run.set_defaults(command=_run, database_role="", stays=True)
    serve = commands.add_parser("serve", help="web and API (production)")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=port, default=_PORT)
    serve.add_argument("--workers", type=count, default=2)
    serve.set_defaults(command=_serve, database_role="app", stays=True)
    commands.add_parser("worker", help="events, messages and jobs").set_defaults(
        command=_worker, stays=True
    )
    commands.add_parser("migrate", help="bring the database up to date").set_defaults(
        command=_migrate, database_role=""
    )
    commands.add_parser("check", help="what a production start would refuse").set_defaults(
        command=_check, database_role="app"
    )


def _run(options: argparse.Namespace) -> int:
    from samspill.infra.database import DatabaseStartError
    from samspill.site.supervisor import Plan, StartError, run

    plan = Plan(
        port=options.port,
        data=options.data.resolve(),
        demo=not options.no_demo,
        households=options.persons,
    )
    try:
        return run(plan)
    except (DatabaseStartError, StartError) as error:
        raise UserError.of(error, where="samspill run") from error


def _serve(options: argparse.Namespace) -> int:
    from samspill.site.serving import serve

    _refuse_unsafe(serves=True)
    return serve(host=options.host, port=options.port, workers=options.workers)


def _worker(options: argparse.Namespace) -> int:
    del options
    from samspill.site import sparing

    sparing.read_less()
    _refuse_unsafe(serves=False)
    django.setup()
    from samspill.site.worker import work

    sparing.settle()
    return work()


def _migrate(options: argparse.Namespace) -> int:
    del options
    django.setup()
    from samspill.site.preparing import migrate, publish_catalogue

    migrate()
    published = publish_catalogue()
    write_json({"migrated": True, "published": published})
    return 0


def _check(options: argparse.Namespace) -> int:
    del options
    django.setup()
    from samspill.site.production import refusals

    found = refusals() + _unbound()
    told = [as_object(one) for one in found]
    write_json({"refusals": [{key: one[key] for key in _TOLD} for one in told]})
    return 1 if found else 0


def _unbound() -> list[Refused]:
    """Return why the database would not bind this process; in production alone, where it must."""
    from django.conf import settings

    if settings.SAMSPILL["environment"] != "production":
        return []
    from samspill.site import database_roles

    return database_roles.refusals()


def _refuse_unsafe(*, serves: bool) -> None:
    from django.conf import settings

    if settings.SAMSPILL["environment"] != "production":
        return
    django.setup()
    from samspill.site.production import refusals

    found = refusals(serves=serves) + _unbound()
    if found:
        for one in map(as_object, found):
            say_on_stderr(f"- {one['message']} {one['remedy']}\n")
        raise UserError(
            "unsafe",
            "a production start is refused: %(count)s settings are not safe",
            where=", ".join(refused.where for refused in found),
            remedy="Mend them and run `samspill check` again",
            count=len(found),
        )
