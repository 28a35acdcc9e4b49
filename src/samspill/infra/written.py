"""Rows with a text that somebody wrote, and the fields in which it is written: one way of all rooms.

A room's row is a `Written`; its service keeps a text through `wrote` and shows it through `said_of`; its page has the
fields of `asked` or `wordings`, and reads them with `posted` or `posted_words`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samspill.kernel import wording
from samspill.kernel.actor import Actor
from samspill.kernel.outcome import refuse
from samspill.kernel.wording import LANGUAGES, Said

#: As long as any text may be that one party writes.
LONGEST = 10_000
#: What the languages are called, each by itself.
NAMES: dict[str, str] = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}


class Written(models.Model):
    """A row with text that somebody wrote in a language; it may stand in the others too.

    language is empty for what was written before languages were asked for. translations: {language: text}, and
    {language: {field: text}} where several texts of the row were written together.
    """

    language = models.CharField(max_length=2, blank=True, default="")
    translations = models.JSONField(default=dict, blank=True)

    class Meta:
        """Columns only."""

        abstract = True


def in_known_language(name: str) -> models.CheckConstraint:
    """Return the constraint that a text is in a language of ours, or that nobody said."""
    return models.CheckConstraint(
        condition=Q(language__in=("", *LANGUAGES)), name=f"{name}_language_known"
    )


@attrs.frozen
class Wrote:
    """A text that somebody wrote, as it is kept: in its language, and its wordings in the others."""

    text: str
    language: str
    translations: dict[str, str]

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of `Written`; a text that is empty is in no language."""
        return {"language": self.language if self.text else "", "translations": self.translations}


def wrote(
    actor: Actor, text: str, *, where: str, needed: bool = False, most: int = LONGEST
) -> Wrote:
    """Return a text to be kept; a plain one is in the language the actor reads in, a `Said` in its own.

    Raises:
        RefusedError: `words_needed`, `unknown_language`, `bad_translation`.
    """
    plain, language, others = wording.parts(text, actor.language, where=where, most=most)
    if len(plain) > most or (needed and not plain):
        raise refuse(
            "words_needed",
            "This needs words, at most %(most)s characters.",
            where=where,
            remedy="Write in a few sentences what you mean and why.",
            values={"most": most},
        )
    return Wrote(plain, language, others)


def reader() -> str:
    """Return the language of whoever reads now, of the three we write."""
    return wording.known(get_language())


def said_of(row: Written, text: str) -> Said:
    """Return what one party wrote, in the reader's language when it is given in that, else as it was written."""
    return wording.written(text, row.language, row.translations, reader())


def field_of(row: Written, name: str) -> Said:
    """Return one of several texts of a row that were written together, as `said_of` does."""
    text = getattr(row, name)
    return wording.of_field(name, text, row.language, row.translations, reader())


def posted(request: HttpRequest, name: str) -> Said:
    """Return a posted text in the language it is said to be in, with its wordings in the others.

    Beside `name` stand `name.language` and `name.nb`, `name.nn`, `name.en`; the box of its own language is not read.
    """
    language = request.POST.get(f"{name}.language") or reader()
    others = {
        lang: text
        for lang in LANGUAGES
        if lang != language and (text := request.POST.get(f"{name}.{lang}", "").strip())
    }
    return wording.written(request.POST.get(name, ""), language, others, language)


def asked(request: HttpRequest, name: str, stored: Any = None) -> dict[str, Any]:
    """Return the fields of `site/_written_in.html`: the language of a text, and its wordings in the others.

    stored: the text that stands in the box when nothing was typed, if it is a `Said`.
    """
    kept = stored if isinstance(stored, Said) else None
    first = (kept.lang if kept else "") or reader()
    others = [
        {
            "lang": lang,
            "label": label,
            "value": request.POST.get(
                f"{name}.{lang}", kept.every.get(lang, "") if kept and lang != first else ""
            ),
        }
        for lang, label in NAMES.items()
    ]
    return {
        "name": name,
        "language": request.POST.get(f"{name}.language", first),
        "options": [{"value": lang, "label": label} for lang, label in NAMES.items()],
        "others": others,
        "is_open": any(request.POST.get(f"{name}.{one['lang']}") for one in others),
    }


def wordings(
    ask: Callable[..., dict[str, Any]],
    texts: Iterable[tuple[str, str, str]],
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the part of a form in which its texts say their language and stand in the others.

    Args:
        ask: the page's maker of fields: name, kind, label, and what `site/_field.html` takes besides.
        texts: (name, kind, label) of each text. stored: `language` and `translations` that are kept already.
    """
    kept = stored or {}
    known = kept.get("translations") or {}
    choices = [{"value": lang, "label": label} for lang, label in NAMES.items()]
    language = kept.get("language") or reader()
    found = [
        ask("language", "choice", _("Written in"), value=language, options=choices, required=True)
    ]
    named = list(texts)
    for lang, called in NAMES.items():
        for name, kind, label in named:
            at, value = f"translations.{lang}.{name}", known.get(lang, {}).get(name, "")
            text = f"{label} ({called})"
            found.append(ask(at, kind, text, value=value, required=False, lang=lang))
    return {
        "title": _("In other languages"),
        "help": _(
            "Leave out the language it is written in. Readers of a language you leave out see the text as you wrote "
            "it, and are told which language it is in."
        ),
        "fields": found,
        "is_folded": True,
        "is_open": any(field.get("error") for field in found),
    }


def posted_words(given: Mapping[str, str], names: Iterable[str]) -> dict[str, Any]:
    """Return `language` and `translations` as they were typed in the fields of `wordings`.

    The boxes of the language that the texts are in are not read.
    """
    language = given.get("language") or reader()
    fields = tuple(names)
    found: dict[str, dict[str, str]] = {}
    for lang in LANGUAGES:
        typed = {n: t for n in fields if (t := given.get(f"translations.{lang}.{n}", "").strip())}
        if lang != language and typed:
            found[lang] = typed
    return {"language": language, **({"translations": found} if found else {})}
