"""What the room shows of an initiative: plain values, no rows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs

from samspill.infra import clock
from samspill.municipalities import service as municipalities
from samspill.portfolio.domain import relevance, wording
from samspill.portfolio.domain.wording import Said
from samspill.portfolio.models import Evidence, Initiative, Link, Relevance
from samspill.portfolio.organisations import organisation
from samspill.portfolio.service.words import language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID


@attrs.frozen(kw_only=True)
class LinkView:
    """Another initiative that this one requires or excludes."""

    id: UUID
    slug: str
    titles: Mapping[str, str]
    state: str

    @property
    def title(self) -> Said:
        """Its title in the reader's language."""
        return Said(self.titles, language())


@attrs.frozen(kw_only=True)
class InitiativeView:
    """An initiative as it stands; `relevance` is where the two sides' verdicts stand today.

    `title`, `summary` and `questions` are in the language of whoever reads now, else in bokmål; each knows its
    language (`.lang`). `titles`, `summaries` and `answers` hold every language there is.
    """

    id: UUID
    slug: str
    titles: Mapping[str, str]
    summaries: Mapping[str, str]
    answers: Mapping[str, Mapping[str, str]]
    owner_org_no: str
    owner: str
    sector: str
    life_event: str
    legal: str
    legal_reference: str
    packages: list[dict[str, str]]
    window_from: dt.date | None
    window_to: dt.date | None
    references: list[dict[str, Any]]
    translations: dict[str, dict[str, Any]]
    requires: list[LinkView]
    excludes: list[LinkView]
    state: str
    state_since: dt.datetime
    version: int
    revision: int
    published_at: dt.datetime | None
    changed_at: dt.datetime
    relevance: relevance.Standing

    @property
    def title(self) -> Said:
        """Its title in the reader's language."""
        return Said(self.titles, language())

    @property
    def summary(self) -> Said:
        """Its summary in the reader's language."""
        return Said(self.summaries, language())

    @property
    def questions(self) -> dict[str, Said]:
        """Return the answered questions in the reader's language."""
        here = language()
        return {key: Said(said, here) for key, said in self.answers.items()}

    @property
    def sources(self) -> list[tuple[Said, str]]:
        """Return the title and address of each reference, in the reader's language where it is given."""
        here = language()
        return [
            (
                wording.written(one["title"], one.get("language", ""), one.get("titles", {}), here),
                one.get("url", ""),
            )
            for one in self.references
        ]

    @property
    def only_in_bokmal(self) -> bool:
        """Tell whether something of it is not written in the reader's language."""
        here = language()
        texts = [self.title, self.summary, *self.questions.values()]
        return any(text and not text.is_in(here) for text in texts)

    def says(self, text: str) -> bool:
        """Tell whether a text is part of its title or summary, in any language."""
        sought = text.strip().casefold()
        said = (*self.titles.values(), *self.summaries.values())
        return any(sought in one.casefold() for one in said)

    @property
    def is_duty(self) -> bool:
        """Tell whether it is a duty with basis in law; else each municipality chooses."""
        return self.legal == "duty"

    @property
    def is_public(self) -> bool:
        """Tell whether everybody reads it."""
        return self.published_at is not None


@attrs.frozen(kw_only=True)
class EvidenceView:
    """What was deposited: kind, running number within the kind, the version it is about, and the body."""

    id: UUID
    kind: str
    number: int
    version: int
    body: dict[str, Any]
    sha256: str
    by: str
    at: dt.datetime


_PLAIN = (
    "id",
    "slug",
    "owner_org_no",
    "sector",
    "life_event",
    "legal",
    "legal_reference",
    "packages",
    "window_from",
    "window_to",
    "references",
    "translations",
    "state",
    "state_since",
    "version",
    "revision",
    "published_at",
    "changed_at",
)


def views_of(rows: Iterable[Initiative]) -> list[InitiativeView]:
    """Return views of many initiatives with three queries in all."""
    wanted = list(rows)
    ids = [row.id for row in wanted]
    links: dict[tuple[UUID, str], list[LinkView]] = {}
    standing = Link.objects.filter(initiative_id__in=ids, removed_at__isnull=True)
    for link in standing.select_related("other").order_by("other__title"):
        links.setdefault((link.initiative_id, link.kind), []).append(_link(link.other))
    verdicts = standings(wanted)
    return [
        InitiativeView(
            **{name: getattr(row, name) for name in _PLAIN},
            titles=wording.every("title", row.title, row.translations),
            summaries=wording.every("summary", row.summary, row.translations),
            answers=wording.answers(row.questions, row.translations),
            owner=name_of(row.owner_org_no),
            requires=links.get((row.id, "requires"), []),
            excludes=links.get((row.id, "excludes"), []),
            relevance=verdicts[row.id],
        )
        for row in wanted
    ]


def title_of(row: Initiative) -> Said:
    """Return the title of an initiative in the reader's language."""
    return Said(wording.every("title", row.title, row.translations), language())


def view_of(row: Initiative) -> InitiativeView:
    """Return the view of one initiative."""
    return views_of([row])[0]


def standings(rows: Iterable[Initiative]) -> dict[UUID, relevance.Standing]:
    """Return where relevance stands today for the version in force of each."""
    wanted = {row.id: row.version for row in rows}
    signed: dict[UUID, list[relevance.Signature]] = {one: [] for one in wanted}
    found = Relevance.objects.filter(initiative_id__in=wanted).order_by("version", "take", "at")
    newest: dict[UUID, int] = {}
    for row in found:
        if row.version > newest.get(row.initiative_id, 0):
            newest[row.initiative_id] = row.version
            signed[row.initiative_id] = []
        signed[row.initiative_id].append(
            relevance.Signature(row.side, row.verdict, row.signed_on, row.answer_by)  # type: ignore[arg-type]
        )
    today = clock.today()
    return {one: relevance.standing(given, today=today) for one, given in signed.items()}


def evidence_view(row: Evidence) -> EvidenceView:
    """Return the view of one piece of evidence."""
    return EvidenceView(
        id=row.id,
        kind=row.kind,
        number=row.number,
        version=row.version,
        body=row.body,
        sha256=row.sha256,
        by=name_of(row.by_org_no),
        at=row.at,
    )


def name_of(org_no: str) -> str:
    """Return what people call an organisation; of a municipality its name, of others the number."""
    found = organisation(org_no)
    if found is not None:
        return found.short
    municipality = municipalities.by_org_no(org_no) if org_no else None
    return municipality.official_name if municipality is not None else org_no


def _link(other: Initiative) -> LinkView:
    titles = wording.every("title", other.title, other.translations)
    return LinkView(id=other.id, slug=other.slug, titles=titles, state=other.state)
