"""What stands in the access log, said so that the person it is about understands it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from samspill.infra.looks import Look
from samspill.site.front_end import organisations

ACTIONS: dict[str, Promise] = {
    "read": later("Read"),
    "write": later("Wrote or changed"),
    "search": later("Searched"),
    "export": later("Took out"),
    "lookup": later("Looked up in a register"),
    "print": later("Printed"),
}

PURPOSES: dict[str, Promise] = {
    "add a document": later("Adding a document"),
    "answer a report of a look": later("Answer what you reported"),
    "answer an access request": later("Answer an access request"),
    "appeal a decision": later("Appeal a decision"),
    "ask for what is missing": later("Ask for what is missing"),
    "change values of the case": later("Correct information in the case"),
    "check for what is missing": later("See what is missing"),
    "correct a rejected application": later("Correct an application that was rejected"),
    "decide the term": later("Decide for the month"),
    "delete a draft": later("Delete an application that was not sent"),
    "delete what is past its time": later("Delete what is past its time"),
    "delete unsent applications": later("Delete an application that was not sent"),
    "end my case": later("Ending the case"),
    "end my sessions": later("End logins"),
    "end sessions": later("End logins"),
    "end the case": later("Ending the case"),
    "find cases to work on": later("Find cases to work on"),
    "find out who may act for an organisation": later("Find out who may act for whom"),
    "find out who may act for whom": later("Find out who may act for whom"),
    "find the grade of address protection": later("See whether the address is protected"),
    "forward the case": later("Send the case on"),
    "handle an appeal": later("Handle an appeal"),
    "handle the case": later("Handle the case"),
    "judge a task": later("Handle the case"),
    "judge the case": later("Handle the case"),
    "list my letters": later("List letters"),
    "move a draft to a newer version": later("Move an application to the newest form"),
    "hand the case to a colleague": later("Handing the case to a colleague"),
    "open a case outside one's tasks": later("Open a case outside one's tasks"),
    "open a document": later("Open a document"),
    "look at who saw a case that is protected now": later("Go through looks in the log"),
    "look for misuse in the access log": later("Look for misuse in the access log"),
    "look at an opening outside tasks": later("Go through looks in the log"),
    "answer for an opening outside tasks": later("Go through looks in the log"),
    "settle a finding in the access log": later("Go through looks in the log"),
    "list who saw a case that is protected now": later("Go through looks in the log"),
    "settle who saw a case that is protected now": later("Go through looks in the log"),
    "open page": later("Open a page"),
    "pass the case to another municipality": later("Pass the case to another municipality"),
    "pay what was granted": later("Pay what was granted"),
    "print a receipt": later("Print a receipt"),
    "queue a letter": later("Send a letter"),
    "read a document": later("Read a document"),
    "read a letter": later("Read a letter"),
    "read a letter about a mandate": later("Read a letter"),
    "read findings in the access log": later("Go through looks in the log"),
    "read reports of looks": later("Read what you reported"),
    "recalculate a term": later("Calculate a month again"),
    "recalculate terms already paid": later("Calculate a month again"),
    "report a look that seems wrong": later("Report a look that seems wrong"),
    "review a decision": later("Look at a decision once more"),
    "see one look": later("See who has looked"),
    "see who has looked": later("See who has looked"),
    "send a letter": later("Send a letter"),
    "send letters again": later("Send a letter"),
    "set a municipality's values for a service": later("Set a municipality's values for a service"),
    "show a receipt": later("Show a receipt"),
    "show my case": later("Show the case"),
    "store an attachment": later("Store a document"),
    "take a receipt of a look": later("See who has looked"),
    "take over a draft": later("Take over an application that was begun"),
    "take away a document": later("Take away a document"),
    "take the case": later("Take the case"),
    "tell the two sides of a mandate": later("Handle a mandate"),
    "tell of a deletion to come": later("Tell that an application will be deleted"),
    "write a message": later("Writing a message"),
    "write an application": later("Write an application"),
}
_BEGINNINGS: tuple[tuple[str, Promise], ...] = (
    ("mandates", later("Handle a mandate")),
    ("representation:", later("Find out who may act for whom")),
    ("process:", later("Handle the case")),
    ("run the term", later("Decide for the month")),
    ("order the run", later("Decide for the month")),
    ("payment list", later("Pay what was granted")),
    ("cases.", later("Open a case or an application")),
)


def purpose(look: Look) -> tuple[str, str]:
    """Say why, and in which language when not the reader's: a package's own purpose is a sentence in bokmål already."""
    known = PURPOSES.get(look.purpose)
    if known is None:
        known = next((text for start, text in _BEGINNINGS if look.purpose.startswith(start)), None)
    return (str(known), "") if known is not None else (look.purpose, "nb")


def action(look: Look) -> str:
    """Say what was done, or that it was refused."""
    done = str(ACTIONS.get(look.action, look.action))
    return done if look.permitted else _("%(action)s: refused") % {"action": done}


def organisation(look: Look, *, agents: Mapping[uuid.UUID, str] | None = None) -> str:
    """Say which organisation looked; an automatic act says so.

    `agents`: the names of those whom the person has let act for them, which the person may be told.
    """
    if look.own:
        return _("You")
    if look.kind == "system":
        return _("Samspill, automatically")
    agent = (agents or {}).get(look.employee_id, "") if look.employee_id else ""
    if agent and look.kind == "citizen":
        return _("%(name)s, who has had a mandate from you") % {"name": agent}
    if not look.org_no:
        return _("Another person") if look.kind == "citizen" else _("Unknown organisation")
    found = organisations.find(look.org_no)
    named = found.name if found else ""
    return named or _("Organisation %(number)s") % {"number": look.org_no}
