"""What an initiative says in Norwegian's two written forms and in English.

Bokmål is always there; nynorsk and English are written when somebody has written them. Where a text is missing in the
reader's language the one in bokmål is shown, and the page says so. Each text knows its language, so that a screen
reader speaks it as it is (WCAG 2.2, 3.1.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from samspill.kernel.outcome import Refused
from samspill.kernel.wording import (
    FIRST,
    LANGUAGES,
    OTHERS,
    Said,
    Translations,
    known,
    parts,
    written,
)
from samspill.portfolio.domain.texts import noop as _

__all__ = [
    "FIRST",
    "LANGUAGES",
    "OTHERS",
    "WORDED",
    "Said",
    "Translations",
    "answers",
    "every",
    "faults",
    "joined",
    "known",
    "parts",
    "plain",
    "written",
]

#: The texts of an initiative that have languages, beside the answers to the six questions.
WORDED = ("title", "summary")


def every(name: str, text: str, translations: Translations) -> dict[str, str]:
    """Return the wordings of one text by language; only those that are written."""
    found = {FIRST: text}
    for language in OTHERS:
        other = translations.get(language, {}).get(name, "")
        if other:
            found[language] = other
    return found


def answers(questions: Mapping[str, str], translations: Translations) -> dict[str, dict[str, str]]:
    """Return the wordings of each answered question, by question and language."""
    said = {language: translations.get(language, {}).get("questions", {}) for language in OTHERS}
    return {
        key: {FIRST: text, **{lang: said[lang][key] for lang in OTHERS if said[lang].get(key)}}
        for key, text in questions.items()
    }


def joined(
    translations: Translations,
    texts: Mapping[tuple[str, str], str] | None = None,
    *,
    answers: Mapping[tuple[str, str], str] | None = None,
) -> dict[str, dict[str, Any]]:
    """Return the translations with some texts put in.

    Args:
        texts: (language, title or summary) → text. answers: (language, question) → text.

    >>> joined({"nn": {"title": "Hus"}}, {("en", "title"): "House"})["en"], joined({}, answers={("nn", "problem"): "Å"})
    ({'title': 'House'}, {'nn': {'questions': {'problem': 'Å'}}})
    """
    found: dict[str, dict[str, Any]] = {lang: dict(said) for lang, said in translations.items()}
    for (language, name), text in (texts or {}).items():
        found.setdefault(language, {})[name] = text
    for (language, key), text in (answers or {}).items():
        said = found.setdefault(language, {})
        said["questions"] = {**said.get("questions", {}), key: text}
    return found


def plain(translations: Translations | None) -> dict[str, dict[str, Any]]:
    """Return the translations without blanks around texts and without what is empty."""
    found: dict[str, dict[str, Any]] = {}
    for language in OTHERS:
        given = (translations or {}).get(language) or {}
        kept: dict[str, Any] = {
            name: " ".join(text.split()) if name == "title" else text.strip()
            for name in WORDED
            if (text := given.get(name) or "").strip()
        }
        replies = {k: t.strip() for k, t in (given.get("questions") or {}).items() if t.strip()}
        if replies:
            kept["questions"] = replies
        if kept:
            found[language] = kept
    return found


def faults(
    translations: Any,
    *,
    lengths: Mapping[str, int],
    questions: tuple[str, ...],
    longest_answer: int,
) -> list[Refused]:
    """Return what is wrong with translations, each with its place (`translations.nn.title`)."""
    if not isinstance(translations, Mapping):
        return [_fault("translations", "not_object", _("The translations must be an object."))]
    found = []
    for language, given in translations.items():
        where = f"translations.{language}"
        if language not in OTHERS or not isinstance(given, Mapping):
            found.append(_fault(where, "unknown_language", _("There is no such language here.")))
            continue
        for name, text in given.items():
            if name == "questions":
                found += _answers(text, f"{where}.questions", questions, longest_answer)
            elif name not in WORDED:
                found.append(_fault(f"{where}.{name}", "unknown_field", _NO_TEXT))
            elif not isinstance(text, str) or len(text) > lengths[name]:
                found.append(_too_long(f"{where}.{name}", lengths[name]))
    return found


def _answers(given: Any, where: str, questions: tuple[str, ...], longest: int) -> list[Refused]:
    if not isinstance(given, Mapping):
        return [_fault(where, "not_object", _("The translations must be an object."))]
    return [
        _too_long(f"{where}.{key}", longest)
        for key, text in given.items()
        if key not in questions or not isinstance(text, str) or len(text) > longest
    ]


_NO_TEXT = _("There is no text of that name to translate.")


def _too_long(where: str, most: int) -> Refused:
    return Refused(
        "bad_translation",
        _("This is not one of the texts, is no text, or is too long."),
        where=where,
        remedy=_("Shorten it to %(most)s characters or fewer."),
        values={"most": most},
    )


def _fault(where: str, code: str, message: str) -> Refused:
    return Refused(
        code,
        message,
        where=where,
        remedy=_("Write title, summary and questions in nn (nynorsk) or en (English)."),
    )
