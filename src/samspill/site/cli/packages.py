"""Commands of service packages: check, list, describe, publish, diff, new."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import django

from samspill.kernel.actor import system
from samspill.site.cli.io import UserError, write_json


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    package = commands.add_parser("package", help="service packages")
    verbs = package.add_subparsers(required=True, metavar="VERB")
    check = verbs.add_parser("check", help="read strictly and run the examples")
    check.add_argument("path", type=Path)
    check.set_defaults(command=_check)
    verbs.add_parser("list", help="what is published").set_defaults(command=_list)
    describe = verbs.add_parser("describe", help="one service in short")
    describe.add_argument("id")
    describe.add_argument("--json", action="store_true", help="as JSON (it always is)")
    describe.set_defaults(command=_describe)
    publish = verbs.add_parser("publish", help="freeze a version")
    publish.add_argument("path", type=Path)
    publish.set_defaults(command=_publish)
    diff = verbs.add_parser("diff", help="what differs between two versions, and how much")
    for name in ("id", "a", "b"):
        diff.add_argument(name)
    diff.set_defaults(command=_diff)
    new = verbs.add_parser("new", help="make a small working package")
    new.add_argument("id")
    new.add_argument("--path", type=Path, default=Path(), help="the folder to make it in")
    new.set_defaults(command=_new)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise UserError(
            "no_folder",
            "%(path)s is not a folder",
            where="PATH",
            remedy="Give the folder that holds service.yaml",
            path=str(path),
        )
    return path


def _check(options: argparse.Namespace) -> int:
    django.setup()
    from samspill.packages.service import check

    report = check(_folder(options.path))
    write_json(report.as_json())
    return 2 if report.errors else 0


def _list(options: argparse.Namespace) -> int:
    del options
    django.setup()
    from samspill.packages.service import list_published

    write_json([item.as_json() for item in list_published()])
    return 0


def _describe(options: argparse.Namespace) -> int:
    django.setup()
    from samspill.packages.service import describe

    write_json(describe(options.id))
    return 0


def _publish(options: argparse.Namespace) -> int:
    django.setup()
    from samspill.packages.service import PackageError, as_error, publish

    try:
        published = publish(_folder(options.path), actor=system("publish"))
    except PackageError as error:
        raise UserError(**as_error(error.errors)) from None
    write_json(published.as_json())
    return 0


def _diff(options: argparse.Namespace) -> int:
    django.setup()
    from samspill.packages.service import diff_versions

    write_json(diff_versions(options.id, options.a, options.b).as_json())
    return 0


def _new(options: argparse.Namespace) -> int:
    django.setup()
    from samspill.packages.service import create

    path = create(options.path, options.id)
    write_json({"path": str(path), "next": f"samspill package check {path}"})
    return 0
