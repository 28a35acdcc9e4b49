"""A text that somebody wrote: in which language it is, and its wordings in the others.

Everybody writes in one of three languages and may give the same in the others. A reader sees it in one's own language
when it is given in that, else as it was written, and a page marks which language that is, so that a screen reader
speaks it as it is (WCAG 2.2, 3.1.2).

What is written as data says it the same way everywhere: `language`, and `translations: {language: {field: text}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from samspill.kernel.outcome import Refused, RefusedError

FIRST = "nb"
OTHERS = ("nn", "en")
LANGUAGES = (FIRST, *OTHERS)

#: {language: {field: text}}.
Translations = Mapping[str, Mapping[str, Any]]
#: The language that texts were written in (empty when nobody said), and their wordings in the others.
Words = tuple[str, dict[str, dict[str, str]]]


class Said(str):
    """A text that knows which language it is in, and its wordings in all languages there are."""

    __slots__ = ("every", "first", "lang")
    lang: str
    first: str
    every: Mapping[str, str]

    def __new__(cls, every: Mapping[str, str], language: str, first: str = FIRST) -> Self:
        """Choose the wording of a language; without one, that of the language it was written in first.

        >>> Said({"nb": "Hus", "en": "House"}, "en"), Said({"nb": "Hus"}, "en").lang
        ('House', 'nb')
        >>> Said({"nn": "Heim"}, "en", "nn").lang
        'nn'
        """
        lang = language if every.get(language) else first
        made = super().__new__(cls, every.get(lang, ""))
        made.lang = lang
        made.first = first
        made.every = every
        return made

    def read_in(self, language: str) -> Said:
        """Return the text as a reader of another language sees it.

        >>> house = Said({"nb": "Hus", "en": "House"}, "en")
        >>> house.read_in("en"), house.read_in("nn")
        ('House', 'Hus')
        """
        return Said(self.every, language, self.first)

    def is_in(self, language: str) -> bool:
        """Tell whether the text is in a language."""
        return self.lang == language


def written(text: str, language: str, translations: Mapping[str, str], reader: str) -> Said:
    """Return what one party wrote in one language, in the reader's when it is given in that too.

    Args:
        language: what it was written in; empty when nobody said. translations: its wordings in other languages.

    >>> said = written("Vi er samde.", "nn", {"en": "We agree."}, "nb")
    >>> said, said.lang, written("Vi er samde.", "nn", {"en": "We agree."}, "en")
    ('Vi er samde.', 'nn', 'We agree.')
    """
    return Said({**translations, language: text}, reader, language)


def of_field(name: str, text: str, language: str, translations: Translations, reader: str) -> Said:
    """Return one of several texts that were written together, as `written` does.

    >>> of_field("name", "Drift", "nb", {"en": {"name": "Operation"}}, "en")
    'Operation'
    """
    others = {lang: said[name] for lang, said in translations.items() if said.get(name)}
    return written(text, language, others, reader)


def parts(text: str, language: str, *, where: str, most: int) -> tuple[str, str, dict[str, str]]:
    """Return a text to be kept, its language, and its wordings in other languages; a plain one is in `language`.

    Raises:
        RefusedError: `unknown_language`, `bad_translation`: names the place.
    """
    if not isinstance(text, Said):
        return text.strip(), known(language), {}
    others = {lang: said.strip() for lang, said in text.every.items() if lang != text.lang}
    for lang, said in others.items():
        if lang not in LANGUAGES:
            raise RefusedError(_no_language(where))
        if len(said) > most:
            raise RefusedError(_no_wording(f"{where}.{lang}", most))
    if text.lang not in LANGUAGES:
        raise RefusedError(_no_language(where))
    return str(text).strip(), text.lang, {lang: said for lang, said in others.items() if said}


def read(given: Mapping[str, Any], where: str, lengths: Mapping[str, int]) -> Words:
    """Return `language` and `translations` of what was given as data; both may be left out.

    Args:
        lengths: the texts that have wordings, and how many characters each may have.

    Raises:
        RefusedError: `unknown_language`, `bad_translation`: names the place (`where.translations.nn.name`).

    >>> read({"language": "nb", "translations": {"nn": {"name": " Drift "}}}, "line", {"name": 20})
    ('nb', {'nn': {'name': 'Drift'}})
    """
    language = given.get("language") or ""
    if language not in ("", *LANGUAGES):
        raise RefusedError(_no_language(f"{where}.language"))
    wordings = given.get("translations") or {}
    if not isinstance(wordings, Mapping):
        raise RefusedError(_no_language(f"{where}.translations"))
    found: dict[str, dict[str, str]] = {}
    for lang, texts in wordings.items():
        here = f"{where}.translations.{lang}"
        if lang not in LANGUAGES or lang == language or not isinstance(texts, Mapping):
            raise RefusedError(_no_language(here))
        for name, text in texts.items():
            if name not in lengths or not isinstance(text, str) or len(text) > lengths[name]:
                raise RefusedError(_no_wording(f"{here}.{name}", lengths.get(name, 0)))
            if text.strip():
                found.setdefault(lang, {})[name] = text.strip()
    return language, found


def known(language: str | None) -> str:
    """Return the language of ours that a language code means; bokmål for any other.

    >>> known("nn"), known("en-gb"), known("fr"), known(None)
    ('nn', 'en', 'nb', 'nb')
    """
    short = (language or FIRST)[:2]
    return short if short in LANGUAGES else FIRST


def _no_wording(where: str, most: int) -> Refused:
    return Refused(
        "bad_translation",
        "This is not one of the texts, is no text, or is too long.",
        where=where,
        remedy="Shorten it to %(most)s characters or fewer.",
        values={"most": most},
    )


def _no_language(where: str) -> Refused:
    return Refused(
        "unknown_language",
        "There is no such language here.",
        where=where,
        remedy="Use nb (bokmål), nn (nynorsk) or en (English), and the texts by name.",
    )
