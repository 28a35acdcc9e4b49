"""What a person is told when a login does not succeed: title, explanation, and what to do instead.

Each code ends in a way on: try again, another way in, or a person to turn to (Sivilombudet: no digital dead end).
"""

from __future__ import annotations

import attrs
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@attrs.frozen
class Message:
    """A refusal in words, and whether trying the same again may help."""

    title: str | Promise
    text: str | Promise
    retry: bool = True
    status: int = 403


_AGAIN = _("Try again. If it happens once more, wait a little, or use one of the other ways below.")

MESSAGES: dict[str, Message] = {
    "cancelled": Message(
        _("You are not logged in"),
        _("The login was cancelled before it was finished. Nothing was sent, and nothing is lost."),
        status=200,
    ),
    "provider_error": Message(
        _("The login did not succeed"),
        _(
            "The login service reported an error. "
            "Try again in a moment, or use one of the other ways below."
        ),
        status=502,
    ),
    "provider_unavailable": Message(
        _("The login service does not answer"),
        _(
            "We can not reach the login service just now. What you have written earlier is kept. "
            "Try again in a few minutes."
        ),
        status=503,
    ),
    "attempt_unknown": Message(
        _("The login took too long or was begun somewhere else"),
        _(
            "A login must be finished within ten minutes, in the same browser where it was begun, and only once. "
            "Start again."
        ),
        status=400,
    ),
    "issuer_mismatch": Message(_("The login could not be trusted"), _AGAIN),
    "code_refused": Message(_("The login did not succeed"), _AGAIN),
    "token_invalid": Message(_("The login could not be trusted"), _AGAIN),
    "level_too_low": Message(
        _("You need a stronger login"),
        _(
            "This service needs a higher security level than the one you used. "
            "Log in with BankID, Buypass or Commfides."
        ),
    ),
    "no_national_id": Message(
        _("We do not know who you are"),
        _(
            "Your electronic ID is valid, but it is not connected to a Norwegian national identity number or D number, "
            "which the registers need. Contact your municipality: they can register the application for you."
        ),
        retry=False,
    ),
    "national_id_refused": Message(
        _("This identity number can not be used here"),
        _(
            "The number from the login is not valid here. A trial system takes made-up people only; "
            "the real service takes real people only."
        ),
        retry=False,
    ),
    "no_organisation": Message(
        _("You are not registered for any organisation in Samspill"),
        _(
            "You are logged in, but no municipality or agency that uses Samspill has given you a role. "
            "Ask the one who administers access in your organisation for the role caseworker, leader or guide, "
            "and log in again."
        ),
    ),
}
