"""Machines that may ask: who they are, what they may ask about, and the pseudonyms they know people by."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import uuid
from functools import cached_property

import attrs
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.db import transaction

from samspill.identity import service as identity
from samspill.infra import access_log, clock, sql
from samspill.kernel.actor import Actor
from samspill.kernel.ids import InvalidId, NationalId
from samspill.kernel.outcome import refuse
from samspill.mandates.domain.reading import bad_field
from samspill.mandates.models import Client

_PREFIX = "p-"
_REF_LENGTH = 200


@attrs.frozen(slots=False)
class Caller:
    """A machine that asks, for its organisation."""

    org_no: str
    name: str
    owners: frozenset[str]
    may_use_numbers: bool
    sees_reasons: bool
    legal_basis: str
    key: bytes = attrs.field(repr=False)
    #: Who comes for it, when the access was delegated in Altinn.
    supplier: str = ""
    #: Which version of its row it was read from; '' when it was read for this request.
    remembered: str = ""

    @cached_property
    def _cipher(self) -> Cipher[modes.ECB]:
        # One block, a random permutation of the identifiers under the client's own key: nothing to look up, the same
        # each time, and worth nothing to another client. ECB of a single block leaks no pattern.
        return Cipher(algorithms.AES(self.key), modes.ECB())  # noqa: S305

    def pseudonym(self, person_id: uuid.UUID) -> str:
        """Return the name of a person for this client alone."""
        block = self._cipher.encryptor().update(person_id.bytes)
        return _PREFIX + base64.urlsafe_b64encode(block).decode().rstrip("=")

    def person(self, text: str) -> str:
        """Return our identifier of whom the client means, as text; '' when nobody is meant by it."""
        if text.startswith(_PREFIX):
            return self._of_pseudonym(text)
        if settings.SAMSPILL["environment"] != "production":
            found = _imported(text)
            if found:
                return found
        return self._of_number(text) if self.may_use_numbers else ""

    def _of_pseudonym(self, text: str) -> str:
        try:
            block = base64.urlsafe_b64decode(text.removeprefix(_PREFIX) + "==")
            person = uuid.UUID(bytes=self._cipher.decryptor().update(block))
        except (ValueError, binascii.Error):
            return ""
        return str(person)

    def _of_number(self, text: str) -> str:
        number = NationalId.parse(
            text,
            allow_synthetic=settings.SAMSPILL["allow_synthetic"],
            allow_real=settings.SAMSPILL["allow_real"],
        )
        return "" if isinstance(number, InvalidId) else str(identity.person_for(number))

    def actor(self, request_id: str) -> Actor:
        """Return the actor that the log names."""
        return Actor(
            kind="system",
            org_no=self.org_no,
            channel="api",
            name=self.name,
            request_id=request_id,
        )


def _imported(text: str) -> str:
    if len(text) > _REF_LENGTH or not text.isprintable():
        return ""
    row = sql.one("SELECT person_id FROM mandates_imported WHERE ref = %s", [text])
    return str(row[0]) if row else ""


_CLIENT = (
    "SELECT org_no, name, owners, may_use_numbers, sees_reasons, legal_basis, pseudonym_key, xmin::text "
    "FROM mandates_client WHERE org_no = %s"
)
# Written only if the client's row still is what the caller was remembered from: in one statement nothing comes between.
_LOG_IF_SAME = (
    "WITH same AS (SELECT 1 FROM mandates_client WHERE org_no = %s AND xmin::text = %s), "  # noqa: S608 - our own names
    f"logged AS (INSERT INTO infra_access_entry ({access_log.COLUMNS}) SELECT {access_log.PLACEHOLDERS} FROM same) "
    "SELECT EXISTS (SELECT 1 FROM same)"
)
_KEPT = 500
_known: dict[str, Caller] = {}


class ClientChangedError(Exception):
    """A caller was remembered, and what was to be done with it wants it read anew."""


def remembered(machine: identity.Machine) -> Caller | None:
    """Return the client that a machine's consumer was when it last asked, if it has asked in this process.

    Only for an answer that is given after `log_if_same`.
    """
    found = _known.get(machine.org_no)
    if found is None or found.supplier == machine.supplier:
        return found
    return attrs.evolve(found, supplier=machine.supplier)


def log_if_same(caller: Caller, row: tuple[object, ...]) -> None:
    """Write a row of the access log, if the caller's client still is as it is remembered.

    Raises:
        ClientChangedError: it is not, and nothing was written.
    """
    found = sql.one(_LOG_IF_SAME, [caller.org_no, caller.remembered, *row])
    if found is None or not found[0]:
        _known.pop(caller.org_no, None)
        raise ClientChangedError


def caller_of(machine: identity.Machine) -> Caller:
    """Return the client that a machine's consumer is; its supplier stands in the log beside it.

    Raises:
        RefusedError: 403 for an organisation that is no client.
    """
    row = sql.one(_CLIENT, [machine.org_no])
    if row is None:
        raise refuse(
            "client_unknown",
            "This organisation is not registered to ask.",
            where="Authorization",
            remedy="Ask those who run Samspill to register it: samspill mandates client.",
            status=403,
        )
    owners, key = frozenset(row[2]), bytes(row[6])
    read = Caller(row[0], row[1], owners, row[3], row[4], row[5], key, machine.supplier)
    if len(_known) >= _KEPT:
        _known.clear()
    _known[machine.org_no] = attrs.evolve(read, remembered=row[7])
    return read


@transaction.atomic
def register_client(
    *,
    org_no: str,
    name: str,
    owners: list[str],
    legal_basis: str,
    may_use_numbers: bool = False,
    sees_reasons: bool = False,
) -> bool:
    """Register an organisation whose machines may ask, or change what it may; tell whether it is new.

    Its pseudonyms stay when it is changed.

    Raises:
        RefusedError: that is no organisation number.
    """
    if not re.fullmatch("[0-9]{9}", org_no):
        raise bad_field("ORG_NO", wanted="nine digits")
    told = {
        "name": name,
        "owners": sorted(owners),
        "legal_basis": legal_basis,
        "may_use_numbers": may_use_numbers,
        "sees_reasons": sees_reasons,
    }
    fresh = {"pseudonym_key": secrets.token_bytes(32), "made_at": clock.now()}
    _row, made = Client.objects.update_or_create(
        org_no=org_no, defaults=told, create_defaults={**told, **fresh}
    )
    return made
