"""Names of those who pay incomes, from Enhetsregisteret (Brønnøysund). Open data about organisations.

Names are kept in the process: 115,000 cases have some thousand payers. When the register is down, the name is empty
and the organisation number stands alone; no look-up fails for the want of a name.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from samspill.infra.http import ComponentError
from samspill.kernel.ids import is_org_no
from samspill.registers.adapters.clients import Component, call_object, configured
from samspill.registers.domain import WireError
from samspill.registers.domain.reading import an_object, objects, text

COMPONENT = Component("enhetsregisteret", None)
_BATCH = 100
_KEEP_AT_MOST = 20_000
_log = logging.getLogger(__name__)
_known: dict[str, str] = {}
_lock = threading.Lock()


def names(org_nos: Iterable[str]) -> dict[str, str]:
    """Return the names of organisations by number; those not found are left out."""
    wanted = sorted({no for no in org_nos if is_org_no(no)})
    missing = [no for no in wanted if no not in _known]
    if missing and configured(COMPONENT.name).get("base_url"):
        _learn(missing)
    return {no: _known[no] for no in wanted if no in _known}


def forget() -> None:
    """Drop the names held (tests)."""
    with _lock:
        _known.clear()


def _learn(missing: list[str]) -> None:
    try:
        for start in range(0, len(missing), _BATCH):
            _learn_batch(missing[start : start + _BATCH])
    except (ComponentError, WireError) as error:
        _log.warning("names of payers not fetched: %s", error)


def _learn_batch(org_nos: list[str]) -> None:
    asked = {"organisasjonsnummer": ",".join(org_nos), "size": str(_BATCH)}
    body = call_object(COMPONENT, "GET", "/api/enheter", operation="enheter", params=asked) or {}
    found = objects(an_object(body.get("_embedded") or {}, "_embedded"), "enheter", required=False)
    with _lock:
        if len(_known) > _KEEP_AT_MOST:
            _known.clear()
        _known.update({text(unit, "organisasjonsnummer"): text(unit, "navn") for unit in found})
