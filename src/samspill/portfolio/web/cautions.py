"""What the pages say of the schemes' limits: each caution in the reader's language, with its figures and its source."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from samspill.infra.charts import Numbers
from samspill.kernel.actor import Actor
from samspill.portfolio import service
from samspill.portfolio.domain.limits import Unit
from samspill.portfolio.service import words
from samspill.portfolio.web import page, round_charts


def said(found: Iterable[service.Caution]) -> list[dict[str, Any]]:
    """Return cautions as `portfolio/_limits.html` takes them."""
    return [_said(one) for one in found]


def of_own(
    actor: Actor, found: service.RoundView, to_enter: Iterable[service.InitiativeView]
) -> list[dict[str, Any]]:
    """Return each of the owner's initiatives that is in a round or can enter it, with its cautions, if it has any."""
    if not actor.has_role("initiative_owner"):
        return []
    inside = [one.initiative for one in found.candidates if one.withdrawn_at is None]
    mine = [one for one in inside if one.owner_org_no == actor.org_no]
    every = [(one, said(service.limits_of(one.id, actor=actor))) for one in [*to_enter, *mine]]
    return [{"one": one, "limits": limits} for one, limits in every if limits]


def _said(one: service.Caution) -> dict[str, Any]:
    language = words.language()
    figures = {"value": _figure(one.value, one.unit), "limit": _figure(one.limit, one.unit)}
    source = _("%(source)s, noted %(day)s: %(status)s.") % {
        "source": one.rule.source(language),
        "day": page.day_text(one.rule.noted_on),
        "status": words.LIMIT_STATUSES.get(one.rule.status, one.rule.status),
    }
    return {
        "rule": one.rule.name(language),
        "text": _(one.text) % figures,
        "remedy": _(one.remedy),
        "source": source,
    }


def _figure(value: float | None, unit: Unit) -> str:
    if value is None:
        return ""
    if unit == "nok":
        return round_charts.million(value)
    return Numbers(unit="%", decimals=1).say(100 * value) if unit == "share" else f"{value:.0f}"
