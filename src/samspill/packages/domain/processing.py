"""The record of processing of a service, read out of its package (personvernforordningen artikkel 30 nr. 1).

Nothing is written twice: purposes, legal bases, categories, sources, recipients and time limits are what the package
declares and the system obeys, so the record is true as long as the package is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import asdict, frozen

from samspill.packages.domain.model import Field, Law, Lookup, Package

APPLICANT, OTHERS = "applicant", "others"


@frozen
class Processed:
    """A kind of information: what it is called, why it is needed, where it is from, who may see it, under which law.

    `sensitivity` is `ordinary`, `special` (artikkel 9) or `protected`; `about` is `applicant` or `others`.
    """

    field: str
    label: str
    why: str
    law: str
    source: str
    sensitivity: str
    about: str
    visible_to: tuple[str, ...]


@frozen
class Source:
    """A register that is asked: which, when, for what, and the law that allows it."""

    name: str
    register: str
    legal_basis: str
    purpose: str
    when: tuple[str, ...]
    about: tuple[str, ...]


@frozen
class Recipient:
    """Somebody who is sent information: the kind of receiver, what happens first, and who answers for it."""

    to: str
    on: str
    owner: str


@frozen
class Processing:
    """The record of one service in one language; see artikkel 30 nr. 1 letter a to g.

    `controllers` are roles (`municipality`, `agency`): each answers for its own part. `retention` is durations
    (ISO 8601) of `draft`, `case` and `log`. `declared_in` is the language of what is declared in Norwegian only.
    """

    package: str
    version: str
    sha256: str
    title: str
    purpose: str
    processing_basis: str
    laws: tuple[Law, ...]
    owner: str
    controllers: tuple[str, ...]
    contact: dict[str, str]
    items: tuple[Processed, ...]
    sources: tuple[Source, ...]
    recipients: tuple[Recipient, ...]
    retention: dict[str, str]
    archive: dict[str, str]
    automatic: bool
    declared_in: str = "nb"

    def as_json(self) -> dict[str, Any]:
        """Give the record as plain data."""
        return asdict(self)


def record_of(package: Package, language: str) -> Processing:
    """Return the record of processing of a package, its words in a language as far as the package has them."""
    service = package.service
    controllers = tuple(dict.fromkeys((service.prepared_by, service.decided_by)))
    archive = package.archive
    return Processing(
        package=package.id,
        version=package.version,
        sha256=package.sha256,
        title=package.text("service.title", language),
        purpose=service.purpose,
        processing_basis=service.processing_basis,
        laws=service.law,
        owner=service.owner,
        controllers=controllers,
        contact=dict(service.contact),
        items=tuple(_items(package, language)),
        sources=tuple(_source(look, package, language) for look in package.lookups.values()),
        recipients=tuple(
            Recipient(one.to, str(one.on), one.owner) for one in package.delivery.receivers
        ),
        retention={
            "draft": service.draft_lifetime,
            **(dict(archive.retention) if archive else {}),
        },
        archive={
            "classification": archive.classification,
            "access_code": archive.access_code,
            "access_law": archive.access_law,
        }
        if archive
        else {},
        automatic=package.process.result is not None,
    )


def _items(package: Package, language: str) -> Iterator[Processed]:
    """Give every kind of information once; what is computed from others, or retired, is none of its own."""
    for field in package.fields.values():
        rows = field.fields.values() if field.fields else ()
        for one in rows or (field,):
            if not one.retired and one.source != "computed":
                yield _item(one, package, language, OTHERS if rows else APPLICANT)


def _item(field: Field, package: Package, language: str, about: str) -> Processed:
    law = package.law(field.law)
    return Processed(
        field=field.path,
        label=package.texts.find(f"field.{field.path}.label", language) or field.purpose,
        why=package.texts.find(f"field.{field.path}.why", language) or field.purpose,
        law=str(law) if law else "",
        source=field.source,
        sensitivity=field.sensitivity,
        about=about,
        visible_to=field.visible_to,
    )


def _source(look: Lookup, package: Package, language: str) -> Source:
    label = package.texts.find(f"register.{look.name}.label", language) or look.register
    return Source(label, look.register, look.legal_basis, look.purpose, look.when, look.persons)
