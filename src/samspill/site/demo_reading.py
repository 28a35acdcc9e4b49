"""The demo's portfolio as data: initiatives, what they have in common, and how they are decided.

`demo_data/portfolio/*.yaml` holds it. An initiative's effect lines are its own and those that every introduction has,
by its size (`introduction`). A line may give a figure for the whole country (`country`), which becomes a quantity for
each inhabitant. Every line says where its figure is from, or that it is assumed. Title, summary and the six answers
(`questions`, `questions_nn`, `questions_en`) stand in bokmål, nynorsk and English.
"""

from __future__ import annotations

import datetime as dt
import functools
from pathlib import Path
from typing import Any

import attrs
import yaml

from samspill.municipalities import service as municipalities
from samspill.portfolio.service import Said

_FOLDER = Path(__file__).parent / "demo_data" / "portfolio"
_WORDINGS = Path(__file__).parent / "demo_data" / "wordings.yaml"
_GROWTH = 0.6
_DESCRIBED = ("sector", "life_event", "legal", "legal_reference", "packages", "questions")


@attrs.frozen
class Tiltak:
    """One initiative of the demo as it is written."""

    slug: str
    owner: str
    values: dict[str, Any]
    lines: list[dict[str, Any]]
    requires: tuple[str, ...]
    excludes: tuple[str, ...]
    window: tuple[int, int]
    story: dict[str, Any]

    @property
    def path(self) -> str:
        """How far it has come."""
        return str(self.story["path"])

    @property
    def rounds(self) -> tuple[str, ...]:
        """The rounds it is entered in, the first first."""
        given = self.story.get("round", ())
        return (given,) if isinstance(given, str) else tuple(given)

    @property
    def no_cost(self) -> dict[str, dict[str, Any]]:
        """Why questions of the introduction checklist have no line."""
        why = common()["no_cost"]
        keys = [line["key"] for line in self.lines]
        asked = (*common()["names"], "licence")
        return {
            key: {"answer": "none", "why": said(_every(why.get(key, why["other"])))}
            for key in asked
            if not any(one == key or one.startswith(f"{key}-") for one in keys)
        }

    def dates(self, budget_year: int) -> dict[str, Any]:
        """Return its window, seen from the budget year of its round."""
        first, last = self.window
        return {
            "window_from": dt.date(budget_year + first, 1, 1),
            "window_to": dt.date(budget_year + last, 12, 31),
        }


@functools.cache
def common() -> dict[str, Any]:
    """Return what the initiatives have in common: introduction, roles, names, claims."""
    found: dict[str, Any] = _read("common")
    return found


@functools.cache
def process() -> dict[str, Any]:
    """Return how the initiatives are judged, involved, decided and settled."""
    found: dict[str, Any] = _read("process")
    return found


def _every(text: str) -> dict[str, str]:
    """Return a text of the demo in bokmål with its wordings."""
    return {"nb": text, **wordings()[text]}


def said(given: dict[str, str] | None) -> Said:
    """Return what one party says in the demo: written in the language that stands first, with the others beside it."""
    every = given or {"nb": ""}
    first = next(iter(every))
    return Said(every, first, first)


@functools.cache
def wordings() -> dict[str, dict[str, str]]:
    """Return the wordings of a line's texts in the other languages, by the text in bokmål."""
    rows = _load(_WORDINGS)
    return {row["nb"]: {"nn": row["nn"], "en": row["en"]} for row in rows}


def worded(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line with its name and source in bokmål, and in nynorsk and English beside."""
    texts = {name: line[name] for name in ("name", "source") if line.get(name)}
    others = {
        language: {name: wordings()[text][language] for name, text in texts.items()}
        for language in ("nn", "en")
    }
    return {**line, "language": "nb", "translations": others}


def written() -> list[dict[str, Any]]:
    """Return the initiatives as they stand in the files, in no order that means anything."""
    return [row for name in _names() for row in _read(name)]


@functools.cache
def tiltak() -> tuple[Tiltak, ...]:
    """Return every initiative, each after those it requires."""
    rows = written()
    by_slug = {row["slug"]: row for row in rows}
    ordered: dict[str, Tiltak] = {}

    def put(row: dict[str, Any]) -> None:
        for needed in row.get("requires", ()):
            if needed not in ordered:
                put(by_slug[needed])
        ordered.setdefault(row["slug"], _tiltak(row))

    for row in rows:
        put(row)
    return tuple(ordered.values())


def _names() -> list[str]:
    found = sorted(path.stem for path in _FOLDER.glob("*.yaml"))
    return [name for name in found if name not in ("common", "process")]


def _read(name: str) -> Any:
    return _load(_FOLDER / f"{name}.yaml")


def _load(path: Path) -> Any:
    # The parser in C, where it is built: ten times as quick as the one in Python.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506


def _tiltak(row: dict[str, Any]) -> Tiltak:
    values = {key: row[key] for key in _DESCRIBED if key in row}
    values["summary"] = row["summary"]["nb"]
    values["translations"] = {
        language: {
            **{name: row[name][language] for name in ("title", "summary")},
            "questions": row[f"questions_{language}"],
        }
        for language in ("nn", "en")
    }
    own = [{"language": "nb", **one} for one in row.get("references", ())]
    values["references"] = [*own, *_claims(row["slug"])]
    return Tiltak(
        slug=row["slug"],
        owner=row["owner"],
        values={"title": row["title"]["nb"], **values},
        lines=[worded(line) for line in (*_introduction(row), *map(_line, row["lines"]))],
        requires=tuple(row.get("requires", ())),
        excludes=tuple(row.get("excludes", ())),
        window=(row["window"][0], row["window"][1]),
        story=row["story"],
    )


def _claims(slug: str) -> list[dict[str, Any]]:
    """Return the claims about an initiative as references, each with its status and source."""
    return [
        {
            "title": _claimed(claim, "nb"),
            "language": "nb",
            "titles": {language: _claimed(claim, language) for language in ("nn", "en")},
            "question": "effects",
        }
        for claim in common()["claims"]
        if claim["initiative"] == slug
    ]


_STATUS = {
    "claim": {"nb": "ikke etterprøvd", "nn": "ikkje etterprøvd", "en": "not verified"},
    "overtaken": {
        "nb": "avløses av målte saker",
        "nn": "blir avløyst av målte saker",
        "en": "overtaken by measured cases",
    },
}


def _claimed(claim: dict[str, Any], language: str) -> str:
    """Return a claim with its status and source in a language, as long as a title may be."""
    status = _STATUS[claim["status"]][language]
    return f"{claim['title'][language]} ({status}). {claim['source'][language]}"[:300]


def _introduction(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of taking it into use, by the size of the introduction."""
    size = row["introduction"]
    if size == "none":
        return []
    given = common()["introduction"]
    asked = given[size]
    shared = {
        "bearer": "municipality",
        "driver": "inhabitants",
        "elasticity": _GROWTH,
        "grade": "assumption",
        "uncertainty": "municipal_introduction",
        "source": given["source"],
    }
    once = [
        {**shared, **_hours(key, quantity), "category": "one_off_cost"}
        for key, quantity in asked["once"].items()
    ]
    yearly = [
        {**shared, **_hours(key, quantity), "category": "hours_used"}
        for key, quantity in asked["yearly"].items()
    ]
    adapter = {
        **shared,
        "key": "adapter",
        "name": common()["names"]["adapter"],
        "category": "one_off_cost",
        "unit": "NOK",
        "quantity": asked["adapter_nok"],
    }
    return [*once, adapter, *yearly]


def _hours(key: str, quantity: float) -> dict[str, Any]:
    return {
        "key": key,
        "name": common()["names"][key],
        "role": common()["roles"][key],
        "quantity": quantity,
        "unit": "hours",
    }


def _line(given: dict[str, Any]) -> dict[str, Any]:
    """Return an effect line of the initiative itself; a figure of the whole country becomes one for each inhabitant."""
    line = {"grade": "assumption", "driver": "one", **given}
    whole = line.pop("country", None)
    if whole is not None:
        line |= {"quantity": whole / inhabitants(), "driver": "inhabitants", "elasticity": 1.0}
    if line.get("category") != "unpriced":
        line.setdefault("unit", "hours" if line["category"].startswith("hours") else "NOK")
    if isinstance(line.get("uncertainty"), dict):
        line["uncertainty"] = {**line["uncertainty"], "of": "factor"}
    return line


@functools.cache
def inhabitants() -> float:
    """Return how many live in the country, by the newest figure of each municipality."""
    total = 0.0
    for one in municipalities.listed():
        known = [figure for figure in one.figures if figure.key == "population"]
        total += float(max(known, key=lambda figure: figure.year).value)
    return total
