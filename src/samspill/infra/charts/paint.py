"""The few colours of charts, each with a class (a page's style sheet decides) and a colour of its own (a file's).

Light and dark have the same names. Every fill is told from its neighbour by hatch, dash or place as well, and
the pairs gain/loss and warm/cold differ in lightness and along the blue–yellow axis, which colour-blind eyes keep.
"""

from __future__ import annotations

from typing import Literal

Theme = Literal["light", "dark"]

COLOURS: dict[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#0d1b20"),
    "text": ("#1d2427", "#eef3f4"),
    "soft": ("#55524a", "#b9c6c9"),
    "grid": ("#dedad1", "#2b3d43"),
    "axis": ("#78746a", "#8fa3a8"),
    "one": ("#0b5566", "#6cc3d5"),
    "two": ("#a16c14", "#f0b253"),
    "three": ("#7a3e6a", "#d79bc6"),
    "four": ("#55524a", "#b9c6c9"),
    "gain": ("#0b5566", "#6cc3d5"),
    "loss": ("#c07a12", "#f0b253"),
    "even": ("#cbc6ba", "#55666b"),
    "text-on-even": ("#1d2427", "#eef3f4"),
    "band": ("#b9d6dc", "#1f4f5c"),
    # steps of a map: m1 to m5 rising; l3 to l1, mid, g1 to g3 on two sides of zero
    "m1": ("#dcecef", "#16363f"),
    "m2": ("#a9d0d8", "#1f5665"),
    "m3": ("#62a5b4", "#348296"),
    "m4": ("#1d7183", "#6cbccd"),
    "m5": ("#063c49", "#c4ebf2"),
    "l3": ("#8f4f04", "#f7c678"),
    "l2": ("#dc9430", "#b9771d"),
    "l1": ("#f8dcab", "#5c3d11"),
    "mid": ("#dedbd2", "#2c3a3f"),
    "g1": ("#b4d7de", "#1d4c58"),
    "g2": ("#4f9caf", "#3a8fa3"),
    "g3": ("#0a5060", "#a5dfea"),
    "lines": ("#3b2704", "#0d1b20"),
    "claim": ("#ffffff", "#0d1b20"),
}
SERIES = ("one", "two", "three", "four")
DASHES = ("", "7 4", "2 4", "10 3 2 3")


def fill(name: str, theme: Theme = "light") -> str:
    """Return the attributes that fill with a colour."""
    return f'class="s-f-{name}" fill="{colour(name, theme)}"'


def stroke(name: str, theme: Theme = "light") -> str:
    """Return the attributes that draw a line in a colour."""
    return f'class="s-l-{name}" stroke="{colour(name, theme)}" fill="none"'


def colour(name: str, theme: Theme = "light") -> str:
    """Return a colour by its name."""
    return COLOURS[name][theme == "dark"]
