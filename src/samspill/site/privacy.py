"""Privacy, read out of what the services declare: the overview, and each service's record of processing."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from samspill.identity.service import ANYONE, needs
from samspill.kernel.outcome import RefusedError
from samspill.packages import service as packages
from samspill.packages.service import Processed, Processing
from samspill.site.durations import in_words


@needs(role=ANYONE)
@require_GET
def overview(request: HttpRequest) -> HttpResponseBase:
    """Say what rights one has, and lead to the record of each service."""
    ids = dict.fromkeys(one.package_id for one in packages.list_published())
    records = [found for package_id in ids if (found := _found(package_id)) is not None]
    return render(request, "site/privacy/overview.html", {"records": records})


@needs(role=ANYONE)
@require_GET
def record(request: HttpRequest, package_id: str) -> HttpResponseBase:
    """Show what a service does with personal data: why, by which law, from where, who sees it, how long."""
    found = _record(package_id)
    context = {
        "record": found,
        "items": [_item_row(item) for item in found.items],
        "item_columns": _columns(_("Information"), _("Why"), _("Law"), _("From"), _("Seen by")),
        "sources": [
            [{"text": one.name}, {"text": one.purpose}, {"text": one.legal_basis}]
            for one in found.sources
        ],
        "source_columns": _columns(_("The register"), _("Why"), _("Law")),
        "kept": [
            {"label": _KEPT[name](), "value": in_words(duration)}
            for name, duration in found.retention.items()
            if name in _KEPT
        ],
        "controllers": _listed(found.controllers),
    }
    return render(request, "site/privacy/record.html", context)


@needs(role=ANYONE)
@require_GET
def record_as_json(request: HttpRequest, package_id: str) -> HttpResponseBase:  # noqa: ARG001 - a view
    """Give the same record to machines."""
    return JsonResponse(_record(package_id).as_json(), json_dumps_params={"ensure_ascii": False})


_KEPT = {
    "draft": lambda: _("A draft that is not sent"),
    "case": lambda: _("The case, after it is closed"),
    "log": lambda: _("The log of who has looked"),
}
_WHO = {
    "applicant": lambda: _("you who apply"),
    "municipality": lambda: _("the municipality"),
    "agency": lambda: _("the agency that decides"),
    "register": lambda: _("the register"),
    "party": lambda: _("the one it is about"),
}
_FROM = {
    "citizen": lambda: _("You tell it"),
    "register": lambda: _("A register"),
    "caseworker": lambda: _("The municipality or the agency finds out"),
}


def _item_row(item: Processed) -> list[dict[str, str]]:
    seen = _listed(item.visible_to)
    label = item.label
    if item.about == "others":
        label = _("%(what)s (others in the household)") % {"what": label}
    return [
        {"text": label},
        {"text": item.why},
        {"text": item.law},
        {"text": _FROM[item.source]()},
        {"text": seen},
    ]


def _listed(who: Iterable[str]) -> str:
    return capfirst(", ".join(_WHO[one]() for one in who))


def _columns(*labels: str) -> list[dict[str, str]]:
    return [{"label": label} for label in labels]


def _found(package_id: str) -> Processing | None:
    try:
        return packages.record_of(packages.published(package_id), get_language() or "nb")
    except RefusedError:
        return None


def _record(package_id: str) -> Processing:
    found = _found(package_id)
    if found is None:
        raise Http404(package_id)
    return found


urlpatterns = [
    path("personvern/", overview, name="privacy"),
    path("personvern/<slug:package_id>/", record, name="privacy-record"),
    path("personvern/<slug:package_id>.json", record_as_json, name="privacy-record-json"),
]
