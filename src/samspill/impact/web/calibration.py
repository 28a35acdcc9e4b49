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
from samspill.impact.web import page, words
from samspill.impact.web.page import TOGETHER
from samspill.infra import charts
from samspill.portfolio import service as portfolio


@needs(role=TOGETHER)
@require_GET
def calibration(request: HttpRequest) -> HttpResponseBase:
    """Show the curves and the reference classes."""
    everybody = service.calibration()
    each = [service.calibration(one) for one in service.forecasters()]
    context = {
        "curve": _curve("all", _("All forecasters"), everybody) if everybody.n else None,
        "curves": [_curve(one.forecaster, _name(one.forecaster), one) for one in each]
        if len(each) > 1
        else [],
        "classes": [_class(key) for key in service.newest_assumptions().reference_classes],
        "assumptions": _assumptions(),
        "set": service.newest_assumptions(),
    }
    return page.show(request, "calibration.html", context)


def _curve(key: str, title: str, found: service.Calibration) -> charts.Chart:
    points = [(point.said, point.held, point.n) for point in found.points]
    return charts.calibration(key=f"curve-{key}", title=title, points=points)


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
        "source": one.before.source,
        "status": words.word(words.STATUSES, one.before.status),
    }


def _assumptions() -> list[dict[str, Any]]:
    found = service.newest_assumptions()
    return [
        {
            "key": item.key,
            "value": _value(item.value),
            "unit": item.unit,
            "source": item.source,
            "status": words.word(words.STATUSES, item.status),
        }
        for item in found.items.values()
    ]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {item:g}" for key, item in value.items())
    if isinstance(value, list):
        return "; ".join(
            _value(item) if isinstance(item, list) else "∞" if item is None else f"{item:g}"
            for item in value
        )
    return f"{value:g}"
