"""An assessment of privacy in words: states, questions, risks and sizes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from samspill.packages import service as packages
from samspill.packages.service import QUESTIONS, SCALE, AssessmentView, RiskAnswer

_STATES: dict[str, tuple[Promise, str]] = {
    "draft": (later("Draft, not approved"), "warning"),
    "submitted": (later("Waits for approval"), "info"),
    "approved": (later("Approved"), "success"),
    "returned": (later("Sent back"), "neutral"),
}
_QUESTIONS: dict[str, tuple[Promise, Promise]] = {
    "necessity": (
        later("Is it necessary, and is it no more than needed?"),
        later("Article 35 (7) b: why the purpose cannot be reached with less."),
    ),
    "consultation": (
        later("Who has been heard?"),
        later("Article 35 (9): those whom it is about, or who speak for them; what they said."),
    ),
    "dpo_advice": (
        later("What has the data protection officer advised?"),
        later("Article 35 (2): the advice with its date, also when it is not followed."),
    ),
    "rights": (
        later("How do people use their rights?"),
        later("Articles 12 to 22: information, access, correction, a person who looks at it."),
    ),
    "residual_reason": (
        later("Why is the risk that is left acceptable?"),
        later("If a risk stays high, Datatilsynet must be asked first (article 36)."),
    ),
}
_RISKS: dict[str, Promise] = {
    "snooping": later("Somebody with access looks without a reason"),
    "wrong": later("Wrong or old information gives a wrong answer"),
    "kept_too_long": later("Information is kept longer than it is needed"),
    "outage": later("The service or a register is down when it is needed"),
    "matching": later("Registers are put together and tell more than each of them"),
    "special": later("Special categories (health and the like) come astray"),
    "protected_address": later("A protected address becomes known"),
    "others": later("Information is fetched about people who have not applied"),
    "automatic": later("A computer decides, and nobody sees that it is wrong"),
    "recipients": later("Information reaches somebody who should not have it"),
}
_PARTS: dict[str, Promise] = {
    "purpose": later("purpose and legal basis"),
    "items": later("the information"),
    "sources": later("the registers"),
    "recipients": later("the recipients"),
    "controllers": later("who answers for it"),
    "retention": later("how long it is kept"),
    "automatic": later("what a computer decides"),
}
_SCALE: dict[int, Promise] = {
    1: later("1 – very low"),
    2: later("2 – low"),
    3: later("3 – high"),
    4: later("4 – very high"),
}
_LOW, _MIDDLE = 3, 8


def language() -> str:
    """Return the language in use."""
    return get_language() or "nb"


def state(name: str) -> dict[str, str]:
    """Say how far an assessment has come."""
    text, color = _STATES[name]
    return {"text": str(text), "color": color}


def level(size: int) -> str:
    """Say how great a risk is (likelihood times consequence)."""
    if size == 0:
        return _("not answered")
    if size <= _LOW:
        return _("low (%(size)s of 16)") % {"size": size}
    return (_("medium (%(size)s of 16)") if size <= _MIDDLE else _("high (%(size)s of 16)")) % {
        "size": size
    }


def questions(one: AssessmentView) -> list[dict[str, Any]]:
    """Give each question with its answer."""
    lacks = {part.key for part in one.lacking if part.what == "text"}
    return [
        {
            "key": key,
            "question": str(_QUESTIONS[key][0]),
            "help": str(_QUESTIONS[key][1]),
            "answer": one.answers.texts.get(key, ""),
            "lacks": key in lacks,
        }
        for key in QUESTIONS
    ]


def risks(one: AssessmentView) -> list[dict[str, Any]]:
    """Give each risk with what people say of it."""
    lacks = {part.key: part.what for part in one.lacking if part.what != "text"}
    found = []
    for risk in one.risks:
        said = one.answers.risks.get(risk.key, RiskAnswer())
        found.append(
            {
                "key": risk.key,
                "title": str(_RISKS[risk.key]),
                "count": risk.count,
                "said": said,
                "before": level(said.before),
                "after": level(said.after),
                "lacks": lacks.get(risk.key, ""),
                "numbers": _numbers(risk.key, said),
            }
        )
    return found


def _numbers(key: str, said: RiskAnswer) -> list[dict[str, Any]]:
    labels = {
        "likelihood": _("Likelihood without measures"),
        "consequence": _("Consequence without measures"),
        "likelihood_after": _("Likelihood with measures"),
        "consequence_after": _("Consequence with measures"),
    }
    return [
        {"name": f"{name}.{key}", "label": label, "value": getattr(said, name)}
        for name, label in labels.items()
    ]


def scale() -> list[tuple[int, str]]:
    """Give the steps of the scale with their words."""
    return [(number, str(_SCALE[number])) for number in SCALE]


def changed(one: AssessmentView) -> str:
    """Name what the service declares otherwise than when it was approved last."""
    return ", ".join(str(_PARTS[part]) for part in one.changed)


def is_demo(one: AssessmentView) -> bool:
    """Tell whether the service runs without an approval, which only a test installation lets it."""
    return one.state != "approved" and settings.SAMSPILL["environment"] != "production"


def is_published(one: AssessmentView) -> bool:
    """Tell whether any version of the service is published: the first is assessed before that."""
    return any(other.package_id == one.package_id for other in packages.list_published())


def title(one: AssessmentView) -> str:
    """Return the name of the service in the language shown; its id while nothing of it is published."""
    if not is_published(one):
        return one.package_id
    return packages.published(one.package_id).text("service.title", language())


def row(one: AssessmentView) -> dict[str, Any]:
    """Give an assessment as a line of a list."""
    return {
        "one": one,
        "number": one.number,
        "title": title(one),
        "state": state(one.state),
        "at": one.decided_at or one.changed_at,
        "url": reverse("assessment", args=[one.id]),
    }
