"""The person behind a national number, and the number of a person: encrypted where it stands, found by a keyed hash.

The tables are reached through three functions of the database, which list nobody (migration 0006).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction

from samspill.identity.models import Person
from samspill.infra import access_log, clock, lasting, sql
from samspill.infra.encryption import keyring, values
from samspill.infra.encryption.keyring import Keyring
from samspill.kernel.actor import Actor
from samspill.kernel.ids import InvalidId, NationalId

_AT_A_TIME = 2000
_TRIES = 5


def person_for(national_id: NationalId) -> uuid.UUID:
    """Return our identifier of a person, made the first time the number is seen."""
    return person_ids_for([national_id])[national_id]


def person_ids_for(numbers: Iterable[NationalId]) -> dict[NationalId, uuid.UUID]:
    """Return our identifiers of many persons, making those that are new, in two statements."""
    wanted = {number.value: number for number in numbers}
    known = _known(wanted)
    unknown = [value for value in wanted if value not in known]
    for at in range(0, len(unknown), _AT_A_TIME):
        known |= _made(unknown[at : at + _AT_A_TIME])
    return {wanted[value]: person_id for value, person_id in known.items()}


def known_person_ids(numbers: Iterable[NationalId]) -> dict[NationalId, uuid.UUID]:
    """Return our identifiers of those persons we already know; makes none."""
    wanted = {number.value: number for number in numbers}
    return {wanted[value]: person_id for value, person_id in _known(wanted).items()}


def _known(wanted: Iterable[str]) -> dict[str, uuid.UUID]:
    """Look persons up by their number's hash under every key in use: while a key is changed, some have one only."""
    keys = keyring.ring().hashing
    of = {values.keyed_hash(value, key=key): value for value in wanted for key in keys}
    if not of:
        return {}
    found = sql.rows("SELECT hash, person_id FROM identity_persons_of(%s)", [list(of)])
    return {of[bytes(hashed)]: person_id for hashed, person_id in found}


_MAKE = "SELECT * FROM identity_make_persons(%s::bytea[], %s::text[], %s::uuid[], %s, %s::uuid[], %s::text[])"


def _made(unknown: list[str]) -> dict[str, uuid.UUID]:
    """Make persons, or find those whom somebody else made in the meantime.

    A person is made with the hash under every key or not at all: one that has some of them already was made at the
    same time by a process that knows other keys, and is looked up instead.
    """
    found: dict[str, uuid.UUID] = {}
    for _ in range(_TRIES):
        ids = {value: uuid.uuid4() for value in unknown if value not in found}
        if _insert(ids):
            return found | ids
        found |= _known(ids)
        if len(found) == len(unknown):
            return found
    message = "persons could not be made: others make the same ones all the time"
    raise RuntimeError(message)


def _insert(ids: dict[str, uuid.UUID]) -> bool:
    """Insert persons with their hashes; False, and nothing is done, when any of them is there already."""
    # In one order for everybody, so that two who make the same persons wait for each other and never in a ring.
    hashes = sorted(
        (values.keyed_hash(value, key=key), key.id, person_id)
        for value, person_id in ids.items()
        for key in keyring.ring().hashing
    )
    key = keyring.ring().writes
    sealed = [
        values.encrypt_with(key, value, bound_to=Person.bound_to(of)) for value, of in ids.items()
    ]
    with transaction.atomic():
        columns = [list(column) for column in zip(*hashes, strict=True)]
        kept = sql.rows(_MAKE, [*columns, clock.now(), list(ids.values()), sealed])
        whole = len(kept) == len(hashes)
        if not whole:
            transaction.set_rollback(True)
    return whole


def national_id_of(person_id: uuid.UUID, *, actor: Actor, purpose: str) -> NationalId:
    """Return a person's national number; who asked and why is logged.

    Raises:
        Person.DoesNotExist: there is no such person.
    """
    found = national_ids_of([person_id], actor=actor, purpose=purpose)
    if person_id not in found:
        raise Person.DoesNotExist
    return found[person_id]


def national_ids_of(
    person_ids: Iterable[uuid.UUID], *, actor: Actor, purpose: str
) -> dict[uuid.UUID, NationalId]:
    """Return the national numbers of many persons, each logged by the statement that reads them.

    Raises:
        NotOpened: a number was changed, or moved to another person's row.
        KeyringError: the key of a number is not among those in use.
    """
    entry = access_log.as_row(
        actor=actor, action="read", purpose=purpose, fields=("national_id",), subject_id=None
    )
    names = access_log.COLUMNS.split(", ")
    subject = names.index("subject_id")
    places = access_log.PLACEHOLDERS.split(", ")
    places[subject] = "id"
    given = [value for at, value in enumerate(entry) if at != subject]
    soon = f", {lasting.SOON}" if lasting.soon() else ""
    rows = sql.rows(
        "WITH found AS (SELECT id, number FROM identity_numbers_of(%s::uuid[])), "  # noqa: S608
        f"logged AS (INSERT INTO infra_access_entry ({access_log.COLUMNS}) "
        f"SELECT {', '.join(places)} FROM found) SELECT id, number{soon} FROM found",
        [list(person_ids), *given],
    )
    ring = keyring.ring()
    return {person_id: _opened(ring, person_id, value) for person_id, value, *_ in rows}


def _opened(ring: Keyring, person_id: uuid.UUID, value: str) -> NationalId:
    """Read a number that was accepted when it was stored."""
    text = values.decrypt_with(ring, value, bound_to=Person.bound_to(person_id))
    number = NationalId.parse(text, allow_synthetic=True, allow_real=True)
    if isinstance(number, InvalidId):
        message = f"a stored national number is not valid: {number.reason}"
        raise TypeError(message)
    return number
