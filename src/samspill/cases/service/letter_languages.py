"""In which language somebody else than the applicant is written to: their own, not the case's.

A person chooses the language of public authorities in Kontakt- og reservasjonsregisteret. When it says nothing,
or does not answer, the form that the municipality has decided on holds (språklova § 12); where an address is
hidden it is bokmål, because a municipality's form tells of the municipality.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from samspill.cases.domain import protection
from samspill.cases.service import pins, prefill
from samspill.identity import service as identity
from samspill.infra import clock
from samspill.municipalities import service as municipalities
from samspill.registers import service as registers

if TYPE_CHECKING:
    from samspill.cases.models import Case, Letter
    from samspill.kernel.actor import Actor

CONTACT = "krr.contact"
_USUAL = "nb"


def of_recipient(actor: Actor, letter: Letter) -> str:
    """Give the language of the person whom a letter is to; asks a register, so call it outside transactions."""
    assert letter.recipient_id is not None
    package = pins.pinned(letter.case)
    offered = package.service.languages
    lookup = next((one for one in package.lookups.values() if one.register == CONTACT), None)
    if lookup is not None:
        purpose = lookup.purpose
        reply = registers.lookup(
            actor=actor,
            declaration=prefill.declaration_of(package, lookup),
            person=identity.national_id_of(letter.recipient_id, actor=actor, purpose=purpose),
            on=clock.today(),
            case_id=letter.case_id,
        )
        chosen = reply.data.get("language") if isinstance(reply, registers.Found) else None
        if chosen in offered:
            return str(chosen)
    usual = usual_language(letter.case)
    return usual if usual in offered else offered[0]


def usual_language(case: Case) -> str:
    """Give the form that the municipality of a case has decided on, without telling where somebody is."""
    if case.municipality_id is None or protection.hides_address(case.protection):
        return _USUAL
    return municipalities.default_language(case.municipality_id)
