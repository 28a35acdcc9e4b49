"""The rows of the room `portfolio`, split by meaning; no decisions are taken here."""

from samspill.portfolio.models.initiative import (
    Evidence,
    Initiative,
    InitiativeVersion,
    Link,
    Transition,
)
from samspill.portfolio.models.process import (
    CHOICES,
    FORMS,
    PHASES,
    POSITIONS,
    Adoption,
    Comment,
    Dissent,
    Influence,
    Involvement,
    Participant,
    Relevance,
    Reminder,
    Representative,
)
from samspill.portfolio.models.round import Candidate, Choice, Round

__all__ = [
    "CHOICES",
    "FORMS",
    "PHASES",
    "POSITIONS",
    "Adoption",
    "Candidate",
    "Choice",
    "Comment",
    "Dissent",
    "Evidence",
    "Influence",
    "Initiative",
    "InitiativeVersion",
    "Involvement",
    "Link",
    "Participant",
    "Relevance",
    "Reminder",
    "Representative",
    "Round",
    "Transition",
]
