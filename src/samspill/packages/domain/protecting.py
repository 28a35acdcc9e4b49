"""Those whose address is strictly confidential: may they apply here, and whom do they reach if not (SP-28).

The owner of a service answers in `service.yaml: protected`. Silence is a no, so that nobody is let in by an oversight.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from samspill.packages.domain import model
from samspill.packages.domain.entries import Entry, short
from samspill.packages.domain.findings import Found
from samspill.packages.domain.shapes import Parser, boolean, optional, record, required, text

_FILE: Final = "service.yaml"
_NAME: Final = "protected.contact"
_HOURS: Final = "protected.hours"
TEXTS: Final = ("contact", "hours")

PROTECTED: Final[Parser] = record(
    model.Protected,
    required("digital", boolean),
    required("phone", text),
    optional("address", text),
)


@frozen
class SafeContact:
    """Whom to call instead of applying here: a name, a telephone, and where and when if it is told."""

    name: str
    phone: str
    address: str = ""
    hours: str = ""


def takes_protected(package: model.Package) -> bool:
    """Tell whether the owner approves that people with a strictly confidential address apply here."""
    declared = package.service.protected
    return declared is not None and declared.digital


def safe_contact(package: model.Package, language: str) -> SafeContact:
    """Give the named safe contact; of a version that declares none, the service's ordinary contact."""
    declared, ordinary = package.service.protected, package.service.contact
    if declared is None:
        return SafeContact(
            ordinary.get("name") or package.text("service.title", language),
            ordinary.get("phone", ""),
        )
    words = package.texts.languages.get("nb", {})
    hours = package.text(_HOURS, language) if _HOURS in words else ""
    return SafeContact(package.text(_NAME, language), declared.phone, declared.address, hours)


def needed_texts(package: model.Package) -> Iterator[str]:
    """Give the keys of the texts that a declared contact must have."""
    if package.service.protected is not None:
        yield _NAME


def protected_faults(package: model.Package) -> Iterator[Found]:
    """Demand that a service which people apply for says whom the strictly protected can call."""
    service = package.service
    if service.audience != "person" or service.protected or service.contact.get("phone"):
        return
    yield Found(
        _FILE,
        ("protected",),
        "Nobody is named whom people with a strictly confidential address can call.",
        'Add protected: {digital: false, phone: "…"} and the text protected.contact, or a phone to contact.',
    )


def protected_differences(old: model.Package, new: model.Package) -> Iterator[Entry]:
    """Compare what two versions say: a path that is shut is a major step, one that is opened a minor one."""
    before, after = old.service.protected, new.service.protected
    if takes_protected(old) != takes_protected(new):
        opened = takes_protected(new)
        told = "may apply here" if opened else "no longer apply here"
        yield Entry(
            "minor" if opened else "major",
            "changed",
            _FILE,
            "protected.digital",
            f"people with a strictly confidential address {told}",
        )
    elif before != after:
        yield Entry("patch", "changed", _FILE, "protected", f"{short(before)} → {short(after)}")
