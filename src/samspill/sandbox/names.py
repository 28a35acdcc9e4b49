"""Words for names that nobody has: adjective + noun, as in Skatteetaten's test population."""

from __future__ import annotations

from importlib.resources import files


def _words(name: str) -> tuple[str, ...]:
    return tuple(files(__package__).joinpath(f"data/{name}.txt").read_text("utf-8").split())


ADJECTIVES = _words("adjectives")
NOUNS = _words("nouns")
STREETS = _words("streets")
EMPLOYER_KINDS = (
    "Bakeri",
    "Bemanning",
    "Dagligvare",
    "Elektro",
    "Hotell",
    "Kafé",
    "Kiosk",
    "Lager",
    "Regnskap",
    "Renhold",
    "Transport",
    "Verksted",
)
