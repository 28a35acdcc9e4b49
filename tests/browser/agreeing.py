"""What the journeys of agreements begin with; run in a process of its own on a running system's data.

`python -m tests.browser.agreeing` makes an agreement in each state, a gain plan and a settled year, logs an owner and
a municipal lead in, and writes the names of it all as JSON.
"""

from __future__ import annotations

import json
import os
import sys

import django

HUSBANKEN, TRONDHEIM = "942114184", "5001"


def make() -> dict[str, str]:
    """Make it and return ids by name, with `owner` and `lead` as cookies."""
    from tests.a11y.visits import settlement
    from tests.browser import scenes

    owner = scenes.employee("initiative_owner", org_no=HUSBANKEN)
    lead = scenes.employee("municipal_lead", number=TRONDHEIM)
    return {
        **settlement.make(scenes),
        "owner": scenes.session(owner, "Husbanken"),
        "lead": scenes.session(lead, "Trondheim kommune"),
    }


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
    django.setup()
    sys.stdout.write(json.dumps(make()))
