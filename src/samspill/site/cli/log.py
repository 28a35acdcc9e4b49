"""Commands of the access log: seal, check, verify, export, forget, witness, key."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samspill.site.cli.io import UserError, write_json
from samspill.site.cli.language import error_object, spoken

if TYPE_CHECKING:
    from samspill.infra.proof.checking import Sign

_ADDRESS = ("http://", "https://")
_LONGEST_DAYS = 100_000


def register(commands: Any) -> None:
    """Add the commands to the parser."""
    group = commands.add_parser("log", help="the access log that anyone can check")
    verbs = group.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, text: str, run: Callable[[argparse.Namespace], int]) -> Any:
        parser = verbs.add_parser(name, help=text)
        parser.set_defaults(command=lambda options: _ready(run, options))
        return parser

    verb("seal", "seal what has come and sign a checkpoint (a job does so each minute)", _seal)
    check = verb("check", "check every event, leaf, root and signature in the database", _check)
    check.add_argument("--since", metavar="FILE", help="a checkpoint that was kept outside")
    verify = verb("verify", "the same, or check an exported log or another's over HTTP", _verify)
    verify.add_argument("--from", dest="place", metavar="DIR|URL")
    verify.add_argument("--key", default="", help="the log's key, from somebody you trust")
    verify.add_argument("--since", metavar="FILE")
    export = verb("export", "write the log to a folder, or as CEF lines", _export)
    export.add_argument("folder", nargs="?", metavar="DIR")
    export.add_argument("--cef", action="store_true", help="CEF lines on standard output")
    export.add_argument(
        "--after", type=int, default=0, metavar="N", help="events after this number"
    )
    forget = verb("forget", "delete events that are past their time; proofs stay whole", _forget)
    forget.add_argument("--days", type=int, metavar="N", help="how long they are kept")
    witness = verb("witness", "check another's log over HTTP and countersign it", _witness)
    witness.add_argument("address", metavar="URL")
    witness.add_argument("--key", required=True, help="that log's key (name+id+base64)")
    verb("key", "print the public keys of this log and of this witness", _key)


def _ready(run: Callable[[argparse.Namespace], int], options: argparse.Namespace) -> int:
    import django

    django.setup()
    from samspill.infra.proof.notes import NoteError
    from samspill.infra.proof.offline import BadInputError

    try:
        return run(options)
    except NoteError as error:
        remedy = "Restore the key from backup, or copy the key whole; see docs/run/operations.md."
        told = error.refused
        raise UserError(
            "bad_key", told.message, where="key", remedy=remedy, **told.values
        ) from error
    except BadInputError as error:
        raise UserError(
            "bad_input", error.text, where=error.where, remedy=error.remedy, **error.values
        ) from error


def _fault(code: str, text: str, where: str, values: dict[str, Any]) -> dict[str, str]:
    """Return what is wrong with a log, in the language of the command."""
    told = error_object(code, text, where=where, values=values)
    return {key: told[key] for key in ("code", "message", "where")}


def _seal(options: argparse.Namespace) -> int:
    del options
    from samspill.infra.proof import sealing

    sealed = sealing.seal_all()
    last = sealing.last()
    size = last.checkpoint.size if last else 0
    write_json({"sealed": sealed, "size": size, "note": last.note if last else None})
    return 0


def _check(options: argparse.Namespace) -> int:
    from samspill.infra.proof import checking

    found = checking.check(Path(options.since) if options.since else None)
    signs = [_sign(one) for one in found.signs]
    if one := found.first:
        fault = _fault(one.code, one.text, one.where, one.values)
        write_json({"ok": False, "fault": fault, "signs": signs})
        return 1
    write_json({**found.holds, "signs": signs})
    return 0


def _sign(one: Sign) -> str:
    values = {"table": one.table, "changed": one.changed, "deleted": one.deleted}
    return spoken("%(table)s: %(changed)s rows changed, %(deleted)s deleted", **values)


def _verify(options: argparse.Namespace) -> int:
    from samspill.infra.proof import offline

    if options.place is None:
        return _check(options)
    try:
        write_json(offline.check_place(options.place, options.key, options.since or ""))
    except offline.Fault as fault:
        said = _fault(fault.code, fault.text, fault.where, fault.values)
        write_json({"ok": False, "fault": said})
        return 1
    return 0


def _export(options: argparse.Namespace) -> int:
    from samspill.infra.proof import export

    if options.cef:
        for line in export.cef(options.after):
            sys.stdout.write(line + "\n")
        return 0
    if options.folder is None:
        raise UserError(
            "bad_input", "There is no folder.", where="DIR", remedy="Give a folder, or --cef"
        )
    try:
        count = export.to_folder(Path(options.folder))
    except OSError as error:
        raise UserError(
            "no_folder", "%(name)s cannot be written: %(reason)s", where="DIR", remedy="Choose another folder",
            name=options.folder, reason=error.strerror,
        ) from error  # fmt: skip
    write_json({"leaves": count, "folder": options.folder})
    return 0


def _forget(options: argparse.Namespace) -> int:
    from samspill.infra.proof import forgetting
    from samspill.kernel.actor import system

    days = forgetting.KEPT.days if options.days is None else min(options.days, _LONGEST_DAYS)
    kept = max(dt.timedelta(days=days), dt.timedelta())
    if kept < forgetting.KEPT:
        raise UserError(
            "too_soon", "An event is kept for %(days)s days, and not less.", where="--days",
            remedy="Give more days, or none", days=forgetting.KEPT.days,
        )  # fmt: skip
    write_json({"deleted": forgetting.forget_old(system("log forget"), kept=kept)})
    return 0


def _witness(options: argparse.Namespace) -> int:
    from samspill.infra.http import ComponentError
    from samspill.infra.proof import keys, witness
    from samspill.infra.proof.notes import Key

    if not options.address.startswith(_ADDRESS):
        raise UserError("bad_input", "This is no address.", where="URL", remedy="Write https://…")
    try:
        seen = keys.watching(options.address, Key.parse(options.key)).look()
    except witness.WitnessError as error:
        told = error.refused
        fault = _fault(error.code, told.message, options.address, told.values)
        write_json({"ok": False, "fault": fault})
        return 1
    except ComponentError as error:
        raise UserError(
            "no_answer", "The log does not answer: %(reason)s", where=options.address,
            remedy="Try again; if it goes on, tell its operator and your data protection officer",
            reason=error.kind,
        ) from error  # fmt: skip
    said = {"ok": True, "size": seen.checkpoint.size, "new": seen.new, "signature": seen.line}
    write_json(said)
    return 0


def _key(options: argparse.Namespace) -> int:
    del options
    from samspill.infra.proof import keys

    write_json(
        {
            "log": keys.log_signer().key.as_text(),
            "witness": keys.witness_signer().key.as_text(),
        }
    )
    return 0
