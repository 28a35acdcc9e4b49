"""The door of the room `portfolio`: the register, the process, the rounds, the calendar.

Reading:    get, list_initiatives, story, evidence, all_evidence, baselines, missing_for, steps_for
Writing:    register, edit, publish, move, deposit
Who:        organisation (agencies and KS by number)
"""

from samspill.portfolio.organisations import Organisation, organisation
from samspill.portfolio.service.depositing import all_evidence, baselines, deposit, evidence
from samspill.portfolio.service.reading import (
    Filters,
    Listing,
    Story,
    get,
    list_initiatives,
    steps_for,
    story,
)
from samspill.portfolio.service.register import edit, publish, register
from samspill.portfolio.service.steps import MissingError, MissingPiece, missing_for, move
from samspill.portfolio.service.views import EvidenceView, InitiativeView, LinkView

__all__ = [
    "EvidenceView", "Filters", "InitiativeView", "LinkView", "Listing", "MissingError", "MissingPiece", "Organisation",
    "Story", "all_evidence", "baselines", "deposit", "edit", "evidence", "get", "list_initiatives", "missing_for",
    "move", "organisation", "publish", "register", "steps_for", "story",
]  # fmt: skip
