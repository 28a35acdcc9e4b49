"""What every template has: the site's state that the header and footer show."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the actor, the languages and whether this is a test installation."""
    return {
        "actor": getattr(request, "actor", None),
        "languages": settings.LANGUAGES,
        "is_test_installation": settings.SAMSPILL["environment"] != "production",
    }
