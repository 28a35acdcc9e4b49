"""The assessment of what a service means for privacy (DPIA, personvernforordningen artikkel 35): its two halves.

One half is read out of the package and cannot be written by hand (`basis_of`): purposes, information, sources,
recipients, time limits, automatic decisions. The other half is answered by people (`QUESTIONS`, and one answer for each
risk that the declaration raises). An approval holds for one basis: a version that declares the same needs no new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import asdict, frozen

from samspill.packages.domain.model import Package
from samspill.packages.domain.processing import OTHERS, record_of

#: What people answer in words, in the order of artikkel 35 nr. 7, nr. 9 and nr. 2.
QUESTIONS = ("necessity", "consultation", "dpo_advice", "rights", "residual_reason")
#: From hardly ever / harmless to nearly certain / severe.
SCALE = (1, 2, 3, 4)
#: A risk whose likelihood times consequence is this much or more is high after the measures (artikkel 36).
HIGH = 9
MOST_LETTERS = 5_000


@frozen
class Risk:
    """A risk that the declaration raises: its key, and how many declared things raise it."""

    key: str
    count: int


@frozen
class RiskAnswer:
    """What people say of a risk: numbers of `SCALE` before and after, and what is done about it."""

    likelihood: int = 0
    consequence: int = 0
    measures: str = ""
    likelihood_after: int = 0
    consequence_after: int = 0

    @property
    def before(self) -> int:
        """Give likelihood times consequence without measures; 0 while it is not answered."""
        return self.likelihood * self.consequence

    @property
    def after(self) -> int:
        """Give likelihood times consequence with the measures; 0 while it is not answered."""
        return self.likelihood_after * self.consequence_after


@frozen
class Answers:
    """The half that people answer: a text for each question, and an answer for each risk."""

    texts: Mapping[str, str]
    risks: Mapping[str, RiskAnswer]

    def as_json(self) -> dict[str, Any]:
        """Give the answers as plain data."""
        return {
            "texts": dict(self.texts),
            "risks": {key: asdict(one) for key, one in self.risks.items()},
        }


@frozen
class Lacking:
    """A part that is not answered: `what` is `text`, `risk` or `high_risk`, `key` which one."""

    what: str
    key: str


def basis_of(package: Package) -> dict[str, Any]:
    """Return what an approval holds for, as plain data: the declaration without its words for the reader."""
    record = record_of(package, "nb")
    return {
        "purpose": {"purpose": record.purpose, "processing_basis": record.processing_basis},
        "items": sorted(
            (
                {
                    "field": one.field,
                    "purpose": _purpose(package, one.field),
                    "source": one.source,
                    "sensitivity": one.sensitivity,
                    "about": one.about,
                    "visible_to": sorted(one.visible_to),
                }
                for one in record.items
            ),
            key=lambda one: str(one["field"]),
        ),
        "sources": [
            {
                "register": one.register,
                "legal_basis": one.legal_basis,
                "purpose": one.purpose,
                "when": sorted(one.when),
                "about": sorted(one.about),
            }
            for one in record.sources
        ],
        "recipients": [{"to": one.to, "on": one.on, "owner": one.owner} for one in record.recipients],
        "controllers": list(record.controllers),
        "retention": dict(sorted(record.retention.items())),
        "automatic": record.automatic,
    }  # fmt: skip


def _purpose(package: Package, path: str) -> str:
    first, _, rest = path.partition(".")
    field = package.fields[first]
    return (field.fields[rest] if rest else field).purpose


def changed_parts(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parts of two bases that differ, in the order of the basis."""
    return tuple(part for part in new if old.get(part) != new[part])


def risks_of(basis: Mapping[str, Any]) -> tuple[Risk, ...]:
    """Return the risks that a declaration raises; those of all services first."""
    items, sources = basis["items"], basis["sources"]
    counted = {
        "snooping": len(items),
        "wrong": len(items),
        "kept_too_long": len(basis["retention"]),
        "outage": 1,
        "matching": len(sources) if len(sources) > 1 else 0,
        "special": sum(one["sensitivity"] == "special" for one in items),
        "protected_address": sum(one["sensitivity"] == "protected" for one in items),
        "others": sum(one["about"] == OTHERS for one in items),
        "automatic": int(basis["automatic"]),
        "recipients": len(basis["recipients"]),
    }
    return tuple(Risk(key, count) for key, count in counted.items() if count)


def lacking(basis: Mapping[str, Any], answers: Answers) -> tuple[Lacking, ...]:
    """Return what must be answered before the assessment can be sent for approval.

    A risk that stays high cannot be approved here: Datatilsynet must be asked first (artikkel 36).
    """
    found = [Lacking("text", key) for key in QUESTIONS if not answers.texts.get(key, "").strip()]
    for risk in risks_of(basis):
        given = answers.risks.get(risk.key, RiskAnswer())
        if not (given.before and given.after and given.measures.strip()):
            found.append(Lacking("risk", risk.key))
        elif given.after >= HIGH:
            found.append(Lacking("high_risk", risk.key))
    return tuple(found)


def residual(answers: Answers) -> int:
    """Return the greatest risk that is left with the measures; 0 while nothing is answered."""
    return max((one.after for one in answers.risks.values()), default=0)


def read_answers(given: Mapping[str, Any]) -> Answers:
    """Read answers from plain data, such as the file that comes with a package or a stored row.

    Raises:
        ValueError: something is not of the format; the message says where and what.
    """
    texts, risks = given.get("texts", {}), given.get("risks", {})
    if not isinstance(texts, Mapping) or not isinstance(risks, Mapping):
        msg = "texts and risks must be mappings"
        raise ValueError(msg)  # noqa: TRY004 - what is wrong is the input's value, and says where
    for key, text in texts.items():
        if key not in QUESTIONS or not isinstance(text, str) or len(text) > MOST_LETTERS:
            msg = f"texts.{key}: must be one of {', '.join(QUESTIONS)}, with at most {MOST_LETTERS} letters"
            raise ValueError(msg)
    return Answers(
        {key: text.strip() for key, text in texts.items()},
        {str(key): _risk_answer(str(key), one) for key, one in risks.items()},
    )


def _risk_answer(key: str, given: object) -> RiskAnswer:
    if not isinstance(given, Mapping):
        msg = f"risks.{key}: must be a mapping"
        raise ValueError(msg)  # noqa: TRY004
    unknown = set(given) - set(RiskAnswer.__annotations__)
    numbers = {
        name: given.get(name, 0) for name in RiskAnswer.__annotations__ if name != "measures"
    }
    measures = given.get("measures", "")
    wrong = [name for name, value in numbers.items() if value not in (0, *SCALE)]
    if unknown or wrong or not isinstance(measures, str) or len(measures) > MOST_LETTERS:
        msg = f"risks.{key}: numbers are 1 to 4, measures a text; wrong: {sorted(unknown) + wrong}"
        raise ValueError(msg)
    return RiskAnswer(**{name: int(value) for name, value in numbers.items()}, measures=measures.strip())  # fmt: skip
