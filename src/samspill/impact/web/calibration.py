"""How forecasts held: the calibration curve of each forecaster, and what actuals have taught."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from samspill.identity.service import needs
from samspill.impact import service
from samspill.impact.web import assumption_words, page, words
from samspill.impact.web.page import TOGETHER
from samspill.infra import charts
from samspill.portfolio import service as portfolio


@needs(role=TOGETHER)
@require_GET
def calibration(request: HttpRequest) -> HttpResponseBase:
    """Show the curves and the reference classes."""
    everybody = service.calibration()
    context = {
        "curve": _curve("all", _("All forecasters"), everybody) if everybody.n else None,
        "spans": _spans(everybody) if everybody.n else [],
        "classes": [_class(key) for key in service.newest_assumptions().reference_classes],
        "assumptions": assumption_words.rows(),
        "set": service.newest_assumptions(),
    }
    return page.show(request, "calibration.html", context)


def _curve(key: str, title: str, found: service.Calibration) -> charts.Chart:
    points = [(point.said, point.held, point.n) for point in found.points]
    return charts.calibration(key=f"curve-{key}", title=title, points=points)


def _spans(everybody: service.Calibration) -> list[charts.Chart]:
    """Return the share under P50 and P85 of everybody, each forecaster, and each of its kinds of estimate."""
    titles = (_("Share of actuals under P50, which should be half"),
              _("Share of actuals under P85, which should be 85 per cent"))  # fmt: skip
    rows = [everybody, *service.calibrations()]
    return [
        charts.spans(
            key=f"spans-{at}",
            title=title,
            rows=[_span(one, one.points[at]) for one in rows if one.points],
            promised=100 * everybody.points[at].said,
            label=_("Who estimated, and what"),
            note=_(
                "The upright line is what was promised, the dot what happened. The bar is where the true share "
                "probably lies (90 per cent, Wilson’s interval). Figures of one initiative lean on each other, so in "
                "truth it is longer."
            ),
        )
        for at, title in enumerate(titles)
    ]


def _span(one: service.Calibration, point: service.Point) -> charts.Span:
    label = _name(one.forecaster) if one.forecaster else _("All forecasters")
    if one.reference_class:
        label = f"{label}: {words.word(words.CLASSES, one.reference_class)}"
    if point.is_few:
        meaning = _("Too few to say anything")
        label = _("%(label)s (%(number)s figures: too few to say)") % {
            "label": label,
            "number": point.n,
        }
    elif point.fits:
        meaning = _("Fits what was promised")
    elif point.high < point.said:
        meaning = _("Comes to more than the bound too often")
    else:
        meaning = _("Comes to less than the bound more often than promised")
    return charts.Span(
        label=label,
        value=100 * point.held,
        low=100 * point.low,
        high=100 * point.high,
        count=point.n,
        text=meaning,
    )


def _name(org_no: str) -> str:
    found = portfolio.organisation(org_no)
    return found.short if found else org_no


def _class(key: str) -> dict[str, Any]:
    one = service.posterior(key)
    how = page.numbers(decimals=2)
    return {
        "name": words.word(words.CLASSES, key),
        "before": how.say(math.exp(one.before.mu)),
        "after": how.say(math.exp(one.after.mu)),
        "actuals": one.actuals,
        "source": assumption_words.source(one.before.source),
        "status": words.word(words.STATUSES, one.before.status),
    }
