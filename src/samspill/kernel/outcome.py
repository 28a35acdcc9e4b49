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


def refuse(code: str, message: str, **rest: Any) -> RefusedError:
    """Return the exception to raise for a refusal."""
    return RefusedError(Refused(code, message, **rest))
