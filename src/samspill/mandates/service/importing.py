"""Load a world of persons and grants into an empty installation for tests. Refused in production.

Persons get synthetic numbers, and facts that no register changes; grants stand with the source `imported` and are no
register's word. Loading goes in blocks, each its own transaction: what is in is passed over when the same file is
loaded again, so that a run that broke off goes on.
"""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO

import attrs
from django.conf import settings
from django.db import connection, transaction

from samspill.identity import service as identity
from samspill.infra import clock, sql
from samspill.kernel.ids import NationalId, check_digits
from samspill.kernel.outcome import Refused, RefusedError, refuse
from samspill.mandates.adapters.world_file import Piece, WorldFile
from samspill.mandates.domain.model import Grant, Person
from samspill.mandates.domain.reading import bad_field, read_grant, read_parent, read_person
from samspill.mandates.domain.sources import IMPORTED
from samspill.mandates.models import Grant as GrantRow
from samspill.mandates.models import Imported, Party

_BLOCK = 5000
_SHOWN = 100
_NAMESPACE = uuid.UUID("3f6f6b6c-6d51-5d8e-9a57-0192aa000002")
#: Facts of an imported world are never old by themselves: only what its own `source_age_h` says is.
_ALWAYS = dt.timedelta(days=36500)
_LONG_AGO = dt.datetime(1900, 1, 1, tzinfo=dt.UTC)


@attrs.define
class Loaded:
    """What has come of it: new persons and grants, grants that were there, and the rows that will not do.

    children: scope → what it covers, as the file says before its grants.
    """

    persons: int = 0
    grants: int = 0
    known: int = 0
    rejected: int = 0
    faults: list[Refused] = attrs.field(factory=list)
    children: dict[str, set[str]] = attrs.field(factory=dict)

    def reject(self, piece: Piece, error: RefusedError) -> None:
        """Keep a fault with its line and remedy; the first hundred are shown."""
        self.rejected += 1
        if len(self.faults) < _SHOWN:
            line = piece.where.partition(":")[0]
            self.faults.append(attrs.evolve(error.refused, where=f"{line}: {error.refused.where}"))


def load_world(stream: TextIO, *, progress: Callable[[Loaded], None]) -> Loaded:
    """Load `{persons, scope_parent, grants}`; tell `progress` after each block.

    Raises:
        RefusedError: a production installation, one that holds mandates of its own, or no JSON.
    """
    _may_load()
    loaded = Loaded()
    passed_on: list[tuple[Piece, Grant]] = []
    for block in _blocks(WorldFile(stream).pieces()):
        _load(block, loaded, passed_on)
        progress(loaded)
    # Those that an agent passed on stand after what they were passed on from, wherever that stands in the file.
    for at in range(0, len(passed_on), _BLOCK):
        with transaction.atomic():
            _store(_with_parents(passed_on[at : at + _BLOCK], loaded), loaded)
        progress(loaded)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE mandates_grant, mandates_party, mandates_imported")
    return loaded


def _may_load() -> None:
    if settings.SAMSPILL["environment"] == "production":
        raise refuse(
            "not_here",
            "Worlds are loaded into installations for tests only.",
            where="SAMSPILL_ENV",
            remedy="Load it into an installation that is not production.",
            status=403,
        )
    if GrantRow.objects.exclude(source=IMPORTED).exists():
        raise refuse(
            "not_empty",
            "This installation holds mandates of its own.",
            where="mandates",
            remedy="Load it into an empty one: samspill migrate on a new database.",
            status=409,
        )


def _blocks(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    block: list[Piece] = []
    for piece in pieces:
        block.append(piece)
        if len(block) >= _BLOCK:
            yield block
            block = []
    if block:
        yield block


@transaction.atomic
def _load(block: list[Piece], loaded: Loaded, passed_on: list[tuple[Piece, Grant]]) -> None:
    persons: dict[str, Person] = {}
    grants: list[tuple[Piece, Grant]] = []
    for piece in block:
        try:
            if piece.part == "persons":
                persons[piece.key] = read_person(piece.key, piece.value)
            elif piece.part == "scope_parent":
                parent = read_parent(piece.key, piece.value)
                _after_grants(piece, loaded)
                loaded.children.setdefault(parent, set()).add(piece.key)
            else:
                grant = _judged(piece, read_grant(piece.value, f"grants[{piece.key}]"))
                (passed_on if grant.parent else grants).append((piece, grant))
        except RefusedError as error:
            loaded.reject(piece, error)
    _store_persons(persons, loaded)
    _store(grants, loaded)


def _judged(piece: Piece, grant: Grant) -> Grant:
    """Refuse what a row cannot hold: a grant to oneself, a period that runs backwards."""
    where, wanted = f"grants[{piece.key}]", ""
    if grant.grantor == grant.grantee:
        where, wanted = f"{where}.to", "another person than in `from`"
    elif grant.valid_from and grant.valid_to and grant.valid_to < grant.valid_from:
        where, wanted = f"{where}.valid_to", "a day that is not before valid_from"
    if wanted:
        raise bad_field(where, wanted=wanted)
    return grant


def _after_grants(piece: Piece, loaded: Loaded) -> None:
    """Refuse a tree that comes after grants: what they cover is written out when they are stored."""
    if loaded.grants or loaded.known:
        where = f"scope_parent.{piece.key}"
        raise bad_field(where, wanted="scope_parent before grants in the file")


def _scopes(one: Grant, loaded: Loaded) -> list[str]:
    """Return what a grant covers, with all below it in the file's tree (R4); a guardian's is exactly what is listed."""
    found = set(one.scopes) - {"*"}  # a global star covers nothing (R6)
    waiting = [] if one.kind == "vergemaal" else list(found)
    while waiting:
        below = {code for code in loaded.children.get(waiting.pop(), ()) if "*" not in code} - found
        found |= below
        waiting += below
    return sorted(found)


# ── persons ─────────────────────────────────────────────────────────────────────────────────────


def _store_persons(persons: dict[str, Person], loaded: Loaded) -> None:
    if not persons:
        return
    ids = _ids(persons, loaded)
    told = clock.now() + _ALWAYS
    rows = [
        Party(
            person_id=ids[ref],
            born=one.born,
            died=one.died,
            protection=one.protection.value,
            told_at=told,
            blocks_voluntary=one.blocks_voluntary,
        )
        for ref, one in persons.items()
    ]
    Party.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["person"],
        update_fields=["born", "died", "protection", "told_at", "blocks_voluntary"],
    )


def _ids(refs: Iterable[str], loaded: Loaded) -> dict[str, uuid.UUID]:
    """Return our identifiers of the world's persons; one that is new gets a synthetic number of its own."""
    wanted = list(dict.fromkeys(refs))
    found = dict(
        sql.rows("SELECT ref, person_id FROM mandates_imported WHERE ref = ANY(%s)", [wanted])
    )
    fresh = [ref for ref in wanted if ref not in found]
    if fresh:
        made = identity.person_ids_for(_unused(len(fresh)))
        rows = [
            Imported(ref=ref, person_id=one) for ref, one in zip(fresh, made.values(), strict=True)
        ]
        Imported.objects.bulk_create(rows)
        loaded.persons += len(rows)
        found |= {row.ref: row.person_id for row in rows}
    return found


def _unused(count: int) -> list[NationalId]:
    """Return so many synthetic numbers that nobody has, from where the last import ended."""
    found: list[NationalId] = []
    serial = Imported.objects.count()
    while len(found) < count:
        some = [number for at in range(serial, serial + count) if (number := _number(at))]
        taken = identity.known_person_ids(some)
        found += [number for number in some if number not in taken]
        serial += count
    return found[:count]


def _number(serial: int) -> NationalId | None:
    """Return the synthetic number of a serial number, None when its check digits do not exist."""
    rest, individual = divmod(serial, 1000)
    rest, day = divmod(rest, 28)
    year, month = divmod(rest, 12)
    nine = f"{41 + day:02d}{81 + month:02d}{year % 100:02d}{individual:03d}"
    digits = check_digits(nine)
    return NationalId(nine + digits, "synthetic_dnr") if digits else None


# ── grants ──────────────────────────────────────────────────────────────────────────────────────


def grant_id(ref: str) -> uuid.UUID:
    """Return the identifier here of a grant of the file: its own when it is a UUID."""
    try:
        return uuid.UUID(ref)
    except ValueError:
        return uuid.uuid5(_NAMESPACE, ref)


def _with_parents(some: list[tuple[Piece, Grant]], loaded: Loaded) -> list[tuple[Piece, Grant]]:
    """Leave out those that were passed on from a grant that is not there."""
    wanted = [grant_id(grant.parent) for _, grant in some] + [
        grant_id(grant.id) for _, grant in some
    ]
    there = set(GrantRow.objects.filter(id__in=wanted).values_list("id", flat=True))
    there |= {grant_id(grant.id) for _, grant in some}
    kept = []
    for piece, grant in some:
        if grant_id(grant.parent) in there:
            kept.append((piece, grant))
        else:
            loaded.reject(
                piece,
                bad_field(f"grants[{piece.key}].parent", wanted="the id of a grant of the file"),
            )
    return kept


def _store(grants: list[tuple[Piece, Grant]], loaded: Loaded) -> None:
    """Store grants that are not there; a second one of the same id is a fault, unless it was loaded before."""
    unique: dict[uuid.UUID, Grant] = {}
    for piece, grant in grants:
        if grant_id(grant.id) in unique:
            loaded.reject(
                piece, bad_field(f"grants[{piece.key}].id", wanted="an id that no other grant has")
            )
        else:
            unique[grant_id(grant.id)] = grant
    there = set(GrantRow.objects.filter(id__in=unique).values_list("id", flat=True))
    fresh = {key: grant for key, grant in unique.items() if key not in there}
    sides = [side for grant in fresh.values() for side in _sides(grant)]
    ids = _ids(sides, loaded)
    now = clock.now()
    rows = [_row(key, one, ids, now, _scopes(one, loaded)) for key, one in fresh.items()]
    GrantRow.objects.bulk_create(rows)
    loaded.grants += len(fresh)
    loaded.known += len(there)


def _sides(grant: Grant) -> Iterator[str]:
    yield grant.grantor
    yield grant.grantee
    if grant.delegated_by:
        yield grant.delegated_by


def _row(
    key: uuid.UUID, one: Grant, ids: dict[str, uuid.UUID], now: dt.datetime, scopes: list[str]
) -> GrantRow:
    def known(ref: str) -> str:
        return str(ids.get(ref, ref))[:60]

    facts: dict[str, Any] = {
        name: getattr(one, name)
        for name in (
            "kind", "level", "valid_from", "valid_to", "revoked_at", "parental_type", "in_force",
            "source_current", "may_delegate",
        )
    }  # fmt: skip
    return GrantRow(
        id=key,
        source=IMPORTED,
        source_ref=one.id[:120],
        grantor_id=ids[one.grantor],
        grantee_id=ids[one.grantee],
        scopes=scopes,
        registered_by=known(one.registered_by),
        confirmed_by=known(one.confirmed_by),
        delegated_by=known(one.delegated_by),
        parent_id=grant_id(one.parent) if one.parent else None,
        told_at=_told(one.source_age_h, now),
        accepted_at=now,
        channel="import",
        created_at=now,
        **facts,
    )


def _told(age_h: float, now: dt.datetime) -> dt.datetime:
    if math.isinf(age_h):
        return _LONG_AGO
    return (
        now + _ALWAYS if age_h == 0 else max(now - dt.timedelta(hours=min(age_h, 1e6)), _LONG_AGO)
    )
