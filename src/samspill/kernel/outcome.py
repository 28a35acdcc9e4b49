"""What a service answers when a person has to do something before it can go on.

`Refused` is a value with a message key; the door that renders it translates it. Functions that are
deep in a transaction raise `RefusedError`, so that everything rolls back; the web and API doors turn it
into the same page or JSON.
"""

from __future__ import annotations

from typing import Any

import attrs


@attrs.frozen
class Refused:
    """A refusal a user must understand.

    code: stable machine name. message: English msgid with named %-placeholders. where: field, page or
    key. remedy: English msgid, what to do. law: act and section when money or rights are touched.
    values: fills the placeholders (never personal data).
    """

    code: str
    message: str
    where: str = ""
    remedy: str = ""
    law: str = ""
    values: dict[str, Any] = attrs.field(factory=dict)
    status: int = 400

    def as_error(self) -> dict[str, str]:
        """Return the error object of the commands and the API (English)."""
        return {
            "code": self.code,
            "message": self.message % self.values if self.values else self.message,
            "where": self.where,
            "remedy": self.remedy % self.values if self.values else self.remedy,
        }


class RefusedError(Exception):
    """Carries a `Refused` out of a transaction, which is rolled back."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


class ToldError(Exception):
    """A fault that is told in the reader's language: message and remedy are msgids, `values` fills their placeholders.

    For what no page answers with a refusal: a setting, a file of keys, a part that will not start. `code` is the stable
    machine name of its kind.
    """

    code = "fault"

    def __init__(self, message: str, remedy: str = "", *, where: str = "", **values: Any) -> None:
        self.refused = Refused(self.code, message, where=where, remedy=remedy, values=values)
        told = self.refused.as_error()
        super().__init__(f"{told['message']} {told['remedy']}".strip())

    @property
    def remedy(self) -> str:
        """What to do, in English."""
        return self.refused.as_error()["remedy"]


def refuse(code: str, message: str, **rest: Any) -> RefusedError:
    """Return the exception to raise for a refusal."""
    return RefusedError(Refused(code, message, **rest))
