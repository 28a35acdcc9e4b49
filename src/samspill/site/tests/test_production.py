"""What a production start refuses."""

from __future__ import annotations

from django.conf import settings
from django.test import override_settings

from samspill.infra.settings_reader import components
from samspill.site.production import refusals


def test_a_production_start_refuses_stand_ins_and_says_which():
    with override_settings(SAMSPILL=_sandboxed()):
        where = {refusal["where"] for refusal in refusals()}
    assert {"SAMSPILL_ENV", "SAMSPILL_SECRET_KEY", "SAMSPILL_SANDBOX_URL"} <= where
    assert {"citizen issuer", "folkeregisteret address", "maskinporten key"} <= where


def _sandboxed():
    return {**settings.SAMSPILL, **components({"SAMSPILL_SANDBOX_URL": "http://127.0.0.1:9"})}
