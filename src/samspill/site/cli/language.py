"""In which language a command says what is wrong: `code` and `where` are the same in all, message and remedy are not.

`SAMSPILL_LANGUAGE` says it (nb, nn, en), else what the terminal is set to (`LC_ALL`, `LC_MESSAGES`, `LANG`); English
where that is another language or none. The texts are those of the pages; they are read here without Django, since a
command may be refused before Django is ready, or because it cannot be.
"""

from __future__ import annotations

import functools
import gettext
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from samspill.kernel.outcome import Refused

_VARIABLES: Final = ("SAMSPILL_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_OURS: Final = {"nb": "nb", "no": "nb", "nn": "nn"}
_ROOMS: Final = Path(__file__).parents[2]


def language(environment: Mapping[str, str]) -> str:
    """Return nb, nn or en: what the first variable that is set says.

    >>> language({"LANG": "nn_NO.UTF-8"}), language({"LANG": "C.UTF-8"}), language({})
    ('nn', 'en', 'en')
    >>> language({"LANG": "nn_NO.UTF-8", "SAMSPILL_LANGUAGE": "nb"})
    'nb'
    """
    said = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    return _OURS.get(re.split(r"[_.@-]", said.lower())[0], "en")


def error_object(
    code: str, message: str, *, where: str = "", remedy: str = "", values: Mapping[str, Any]
) -> dict[str, str]:
    """Return the error object of a command in the language of its environment.

    Args:
        code: stable machine name.
        message: English msgid.
        where: field, file or line.
        remedy: English msgid, what to do.
        values: fills the placeholders of both; a phrase among them is translated, a single word is taken for a key.
            `more` counts faults that are not told.
    """
    say = _texts(language(os.environ))
    told = {name: say(value) if _is_phrase(value) else value for name, value in values.items()}

    def sentence(text: str) -> str:
        return say(text) % told if told else say(text)

    more = f" {sentence('(%(more)s more)')}" if "more" in values else ""
    return {
        "code": code,
        "message": sentence(message) + more,
        "where": where,
        "remedy": sentence(remedy),
    }


def _is_phrase(value: object) -> bool:
    return isinstance(value, str) and " " in value


def spoken(text: str, **values: Any) -> str:
    """Return a text of a command in the language of its environment; `text` is an English msgid."""
    say = _texts(language(os.environ))
    return say(text) % values if values else say(text)


def as_object(refused: Refused) -> dict[str, str]:
    """Return a refusal as the error object of a command, in the language of its environment."""
    return error_object(
        refused.code,
        refused.message,
        where=refused.where,
        remedy=refused.remedy,
        values=refused.values,
    )


# What Python's reader of arguments says, and the same with names, so that it can be translated.
_USAGE: Final = tuple(
    (re.compile(said), text)
    for said, text in (
        (
            "the following arguments are required: (?P<names>.+)",
            "the following arguments are required: %(names)s",
        ),
        (
            r"argument (?P<name>.+?): invalid choice: (?P<value>.+) \(choose from (?P<choices>.+)\)",
            "argument %(name)s: invalid choice: %(value)s (choose from %(choices)s)",
        ),
        (
            "argument (?P<name>.+?): expected one argument",
            "argument %(name)s: expected one argument",
        ),
        ("unrecognized arguments: (?P<words>.+)", "unrecognized arguments: %(words)s"),
        (
            "argument (?P<name>.+?): (?P<value>.+) is not a whole number from 1",
            "argument %(name)s: %(value)s is not a whole number from 1",
        ),
        (
            "argument (?P<name>.+?): (?P<value>.+) is not a port, from 1 to 65535",
            "argument %(name)s: %(value)s is not a port, from 1 to 65535",
        ),
        (
            "argument (?P<name>.+?): invalid [a-z]+ value: (?P<value>.+)",
            "argument %(name)s: %(value)s cannot be used",
        ),
    )
)


def usage_text(message: str) -> tuple[str, dict[str, str]]:
    """Return the msgid and the values of what Python's reader of arguments says; what is not known stays as it is.

    >>> usage_text("unrecognized arguments: --nope")
    ('unrecognized arguments: %(words)s', {'words': '--nope'})
    """
    for pattern, text in _USAGE:
        found = pattern.fullmatch(message)
        if found:
            return text, found.groupdict()
    return "%(said)s", {"said": message}


@functools.cache
def _texts(name: str) -> Callable[[str], str]:
    """Return what gives a text in a language, from the catalogues of all rooms; what none has stays English."""
    if name == "en":
        return str
    rooms = gettext.NullTranslations()
    for path in sorted(_ROOMS.glob(f"*/locale/{name}/LC_MESSAGES/django.mo")):
        with path.open("rb") as file:
            rooms.add_fallback(gettext.GNUTranslations(file))
    return lambda text: rooms.gettext(text) if text else text
