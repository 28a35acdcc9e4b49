"""The open pages of `insight`: the country as it stands, and one initiative's story."""

from __future__ import annotations

from tests.a11y.visits import page, sample

PAGES = {
    "initiatives": page("nobody"),
    "initiative": page("nobody", slug=sample("consequence.slug")),
    "municipality": [*page("nobody", number="5001"), *page("nobody", number="5610")],
    "map": page("nobody"),
    "distribution": page("nobody"),
    "accuracy": page("nobody"),
    "equality": page("nobody"),
    "open-data": page("nobody"),
}
NO_PAGE = {
    "map-svg": "a drawing",
    "open-data-catalogue": "JSON-LD",
    "open-data-set": "CSV or JSON",
    "chart-svg": "a drawing",
}
