"""The door of the room `portfolio`: the register, the process, the rounds, the calendar.

Reading:    get, list_initiatives, story, evidence, all_evidence, baselines, missing_for, steps_for,
            limits_of (what the schemes of finance and control ask of its size)
Register:   register, edit, publish, move, deposit
Judging:    sign_relevance, make_statement, comment, lodge_dissent
Involving:  appoint, involve, record_influence, representativeness, propose_sample, use_vendors
Rounds:     open_round, enter_round, withdraw_from_round, set_mandatory, recommend, suggest, decide, get_round,
            list_rounds
Adopting:   choose_window, chosen_windows, chosen_window, is_without_cover
Calendar:   windows, deadlines, coverage, feed, reminders, remind
Who:        organisation (agencies and KS by number)
"""

from samspill.portfolio.domain.limits import Caution
from samspill.portfolio.domain.representativeness import Comparison
from samspill.portfolio.domain.wording import Said
from samspill.portfolio.organisations import Organisation, organisation, organisations
from samspill.portfolio.service.adopting import choose_window, is_without_cover
from samspill.portfolio.service.depositing import all_evidence, baselines, deposit, evidence
from samspill.portfolio.service.involving import (
    appoint,
    involve,
    propose_sample,
    record_influence,
    representativeness,
    use_vendors,
)
from samspill.portfolio.service.judging import (
    comment,
    lodge_dissent,
    make_statement,
    sign_relevance,
)
from samspill.portfolio.service.limits import limits_of
from samspill.portfolio.service.reading import (
    ChosenWindow,
    Filters,
    Listing,
    Story,
    WindowView,
    chosen_window,
    chosen_windows,
    get,
    list_initiatives,
    steps_for,
    story,
)
from samspill.portfolio.service.register import edit, publish, register
from samspill.portfolio.service.round_views import (
    CandidateView,
    RoundView,
    get_round,
    list_rounds,
)
from samspill.portfolio.service.rounds import (
    decide,
    enter_round,
    open_round,
    recommend,
    set_mandatory,
    withdraw_from_round,
)
from samspill.portfolio.service.steps import MissingError, MissingPiece, missing_for, move
from samspill.portfolio.service.suggesting import suggest
from samspill.portfolio.service.views import EvidenceView, InitiativeView, LinkView
from samspill.portfolio.service.year import (
    coverage,
    deadlines,
    feed,
    remind,
    reminders,
    windows,
)

__all__ = [
    "CandidateView", "Caution", "ChosenWindow", "Comparison", "EvidenceView", "Filters", "InitiativeView", "LinkView",
    "Listing", "MissingError", "MissingPiece", "Organisation", "RoundView", "Said", "Story", "WindowView",
    "all_evidence",
    "appoint", "baselines", "choose_window", "chosen_window", "chosen_windows", "comment", "coverage", "deadlines",
    "decide", "deposit", "edit", "enter_round", "evidence", "feed", "get", "get_round", "involve",
    "is_without_cover", "limits_of", "list_initiatives", "list_rounds", "lodge_dissent", "make_statement",
    "missing_for", "move",
    "open_round", "organisation", "organisations", "propose_sample", "publish", "recommend", "record_influence",
    "register", "remind", "reminders", "representativeness", "set_mandatory", "sign_relevance", "steps_for",
    "story", "suggest", "use_vendors", "windows", "withdraw_from_round",
]  # fmt: skip
