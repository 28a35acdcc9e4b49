"""The names of states, sectors, verdicts and the like in the reader's language; shown by this room and those above."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from samspill.portfolio.domain import wording

Words = dict[str, str | Promise]

STATES: Words = {
    "registered": _("Registered"),
    "relevance": _("Relevance is judged"),
    "involved": _("Municipalities are involved"),
    "assessed": _("Consequences are assessed"),
    "prioritised": _("In a priority round"),
    "decided": _("Decided"),
    "agreed": _("Agreement in place"),
    "introducing": _("Being introduced"),
    "operating": _("In operation"),
    "realising": _("Gains are taken out"),
    "closed": pgettext_lazy("initiative", "Closed"),
    "not_relevant": _("Not relevant for municipalities"),
    "deferred": _("Deferred"),
    "stopped": _("Stopped"),
}
STEPS: Words = {
    "relevance": _("Begin to judge relevance"),
    "involved": _("Go on to involve municipalities"),
    "assessed": _("Set as assessed"),
    "prioritised": _("Set as entered in the round"),
    "decided": _("Decide"),
    "agreed": _("Set as agreed"),
    "introducing": _("Begin to introduce"),
    "operating": _("Set in operation"),
    "realising": _("Begin to take out gains"),
    "closed": _("Close the initiative"),
    "not_relevant": _("End as not relevant"),
    "deferred": _("Defer"),
    "stopped": _("Stop"),
}
STATE_COLORS: dict[str, str] = {
    "registered": "neutral",
    "relevance": "info",
    "involved": "info",
    "assessed": "info",
    "prioritised": "warning",
    "decided": "accent",
    "agreed": "accent",
    "introducing": "accent",
    "operating": "success",
    "realising": "success",
    "closed": "neutral",
    "not_relevant": "neutral",
    "deferred": "warning",
    "stopped": "danger",
}
SECTORS: Words = {
    "digital": _("Digital foundations"),
    "housing": _("Housing"),
    "health": _("Health and care"),
    "welfare": _("Social services"),
    "education": _("School and education"),
    "childcare": _("Child welfare and families"),
    "planning": _("Plan and building"),
    "economy": _("Economy and reporting"),
    "culture": _("Culture and voluntary work"),
    "integration": _("Integration"),
    "civil_protection": _("Civil protection"),
    "other": _("Other"),
}
LIFE_EVENTS: Words = {
    "having_a_child": _("Having a child"),
    "serious_illness_of_a_child": _("Serious illness of a child"),
    "losing_somebody": _("Losing somebody close"),
    "starting_a_business": _("Starting and running a business"),
    "running_an_organisation": _("Starting and running a voluntary organisation"),
    "being_new_in_norway": _("Being new in Norway"),
    "rough_financial_times": _("Having trouble with money"),
}
LEGAL: Words = {
    "voluntary": _("Voluntary: each municipality chooses"),
    "duty": _("Duty with basis in law or regulation"),
}
CHANGES: Words = {
    "creates": _("creates the service"),
    "changes": _("changes the service"),
}
QUESTIONS: Words = {
    "problem": _("What is the problem, and what do we want to achieve?"),
    "measures": _("Which measures are relevant?"),
    "principles": _("Which questions of principle do they raise?"),
    "effects": _(
        "What are the positive and negative effects, how lasting are they, and who is affected?"
    ),
    "recommendation": _("Which measure is recommended, and why?"),
    "preconditions": _("What are the preconditions for success?"),
}
QUESTION_HELP: Words = {
    "problem": _("Whose problem is it, how large is it, and what happens if nothing is done?"),
    "measures": _("Also those that need no new system, and to do nothing."),
    "principles": _("For example self-government, privacy, equality, or who decides over whom."),
    "effects": _(
        "Name municipalities and counties. The figures themselves are made under Consequences."
    ),
    "recommendation": _("Say also what was not chosen, and why."),
    "preconditions": _(
        "What must be in place in municipalities, with vendors, in law and in budgets?"
    ),
}
CRITERIA: Words = {
    "changes_duties": _("Does it give municipalities new or changed duties?"),
    "changes_work": _("Does it change how employees of municipalities work?"),
    "needs_systems": _("Must municipalities buy, change or connect systems?"),
    "uses_municipal_data": _(
        "Does it use information that municipalities hold, or give them new information?"
    ),
    "costs_time_or_money": _("Does it cost municipalities time or money, once or every year?"),
    "gives_gains": _("Can it give municipalities gains?"),
    "affects_inhabitants_through_municipality": _(
        "Do inhabitants meet it through their municipality?"
    ),
    "hits_unequally": _(
        "Does it hit municipalities unequally, by size, place, language or vendor?"
    ),
}
VERDICTS: Words = {
    "none": _("Not relevant"),
    "minor": _("Minor relevance"),
    "material": _("Material relevance"),
}
VERDICT_HELP: Words = {
    "none": _("Municipalities will not notice it."),
    "minor": _("Municipalities are affected, but need not be involved in every phase."),
    "material": _(
        "Municipalities are involved all the way, and the consequences are calculated for each."
    ),
}
STANDINGS: Words = {
    "unsigned": _("Nobody has signed yet"),
    "waiting": _("One side has signed, the other has time"),
    "agreed": _("Both sides agree"),
    "disagreement": _("The sides disagree"),
    "silence": _("One side has signed, the other was silent past the deadline"),
}
SIDES: Words = {"owner": _("The owner"), "ks": _("KS")}
PHASES: Words = {
    "idea": _("Idea"),
    "concept": _("Concept"),
    "development": _("Development"),
    "introduction": _("Introduction"),
    "operation": _("Operation"),
}
FORMS: Words = {
    "workshop": _("Workshop"),
    "working_group": _("Working group"),
    "reference_group": _("Reference group"),
    "council": _("Council or committee"),
    "survey": _("Survey"),
    "interviews": _("Interviews"),
    "hearing": _("Hearing"),
    "pilot": _("Pilot"),
    "user_test": _("User test"),
}
POSITIONS: Words = {
    "agree": _("Agrees"),
    "agree_with_conditions": _("Agrees with conditions"),
    "disagree": _("Disagrees"),
}
CHOICES: Words = {
    "planned": _("Planned"),
    "confirmed": _("Confirmed"),
    "declined": _("Declined"),
}
CHOICE_LABELS: Words = {
    "planned": _("We plan to introduce it in this window"),
    "confirmed": _("We confirm: we introduce it in this window"),
    "declined": _("We do not take part"),
}
DIMENSIONS: Words = {
    "size": _("Size"),
    "centrality": _("Centrality"),
    "county": _("County"),
    "language": _("Language"),
    "vendor": _("System vendor"),
}
SIZES: Words = {
    "<2000": _("under 2,000 inhabitants"),
    "2000-4999": _("2,000–4,999 inhabitants"),
    "5000-9999": _("5,000–9,999 inhabitants"),
    "10000-19999": _("10,000–19,999 inhabitants"),
    "20000-49999": _("20,000–49,999 inhabitants"),
    "50000-99999": _("50,000–99,999 inhabitants"),
    ">=100000": _("100,000 inhabitants or more"),
}
LANGUAGES: Words = {
    "bokmål": _("bokmål"),
    "nynorsk": _("nynorsk"),
    "nøytral": _("neutral between bokmål and nynorsk"),
    "samisk": _("in the Sámi administrative area"),
}
ROLES: Words = {
    "initiative_owner": _("the owner"),
    "ks_coordinator": _("KS"),
    "municipal_lead": _("municipalities"),
    "ministry": _("the ministry"),
    "secretariat": _("the secretariat"),
    "system": _("the system"),
}
UNITS: Words = {
    "NOK": _("kroner"),
    "hours": _("hours"),
    "share": _("share"),
    "number": _("number"),
}
#: The sums an assessment always holds (`impact.domain.summary`).
TOTALS: Words = {
    "net_cost": _("Net cost, all years"),
    "net_hours": _("Hours used less freed, all years"),
}
#: How sure the limits of a scheme are (`portfolio.domain.limits`).
LIMIT_STATUSES: Words = {
    "published": _("stands in the source"),
    "assumption": _("our reading"),
}
PAYERS: Words = {
    "state": _("The state's frame"),
    "co_financing": _("Co-financing"),
    "municipal": _("The municipalities"),
    "digifin": _("DigiFin"),
}
FIELDS: Words = {
    "title": _("Title"),
    "summary": _("Summary"),
    "sector": _("Sector"),
    "life_event": _("Life event"),
    "legal": _("Legal basis"),
    "legal_reference": _("Act or regulation and section"),
    "packages": _("Service packages"),
    "window_from": _("Planned introduction from"),
    "window_to": _("Planned introduction to"),
    "questions": _("The six questions"),
    "references": _("References"),
    "translations": _("Nynorsk and English"),
    "requires": _("Requires"),
    "excludes": _("Excludes"),
}


GOALS: Words = {
    "kroner": _("Kroner: net present value"),
    "hours_freed": _("Hours freed in municipalities"),
    "citizen_hours": _("Citizens' hours"),
    "gain_smallest_nok": _("Gain to the smallest municipalities"),
}
#: The languages an initiative is written in, each called in itself.
WRITTEN_IN: dict[str, str] = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}


def language() -> str:
    """Return the language of whoever reads now, of the three we write."""
    return wording.known(get_language())


#: Statistics Norway's classes run from 1, the most central, to 6; the numbers alone do not say which way.
_CENTRALITY_ENDS = {
    "1": _("centrality %(key)s (the most central)"),
    "6": _("centrality %(key)s (the least central)"),
}


def class_name(dimension: str, key: str) -> str:
    """Return the name of a class of a dimension of representativeness."""
    if not key:
        return str(_("not known"))
    if dimension == "size":
        return str(SIZES.get(key, key))
    if dimension == "language":
        return str(LANGUAGES.get(key, key))
    if dimension == "centrality":
        return str(_CENTRALITY_ENDS.get(key, _("centrality %(key)s")) % {"key": key})
    return key
