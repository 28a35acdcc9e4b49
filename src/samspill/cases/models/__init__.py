"""The rows of the room `cases`, split by meaning; no decisions are taken here."""

from samspill.cases.models.access import EmployeeTies, Finding, HandOver, Incident, Opening
from samspill.cases.models.case import (
    ADDRESS_HIDDEN,
    COMPARTMENT,
    PROTECTION,
    Amendment,
    Application,
    Case,
)
from samspill.cases.models.draft import WITHHELD_BY, Attachment, Deletion, Draft
from samspill.cases.models.handling import InformationRequest, Message, StepTime, Task
from samspill.cases.models.letters import Appeal, Letter
from samspill.cases.models.terms import Decision, Payment, TermEntry, TermRun

__all__ = [
    "ADDRESS_HIDDEN",
    "COMPARTMENT",
    "PROTECTION",
    "WITHHELD_BY",
    "Amendment",
    "Appeal",
    "Application",
    "Attachment",
    "Case",
    "Decision",
    "Deletion",
    "Draft",
    "EmployeeTies",
    "Finding",
    "HandOver",
    "Incident",
    "InformationRequest",
    "Letter",
    "Message",
    "Opening",
    "Payment",
    "StepTime",
    "Task",
    "TermEntry",
    "TermRun",
]
