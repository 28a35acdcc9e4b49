"""The words of lines, roles, grades, drivers and states in the reader's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from samspill.portfolio.service.words import SECTORS

Words = dict[str, str | Promise]

#: What people choose among; hours that come once are a one-off cost in hours (`kind_of`).
CATEGORIES: Words = {
    "one_off_cost": gettext_lazy("Cost that comes once"),
    "yearly_cost": gettext_lazy("Cost every year"),
    "one_off_hours": gettext_lazy("Hours used once"),
    "hours_used": gettext_lazy("Hours used every year"),
    "hours_freed": gettext_lazy("Hours freed every year"),
    "income": gettext_lazy("Income"),
    "unpriced": gettext_lazy("Quality without a price (−4 to +4)"),
}
#: Keys of a line and its uncertainty, as a refusal names them (`infra.refusals` translates what is among the values).
KEYS: Words = {
    "quantity": gettext_lazy("quantity"),
    "low": gettext_lazy("low"),
    "mode": gettext_lazy("mode"),
    "high": gettext_lazy("high"),
    "low, mode, high": gettext_lazy("low, mode, high"),
}
SIZES: Words = {
    "<2000": gettext_lazy("under 2,000 inhabitants"),
    "2000-4999": gettext_lazy("2,000–4,999 inhabitants"),
    "5000-9999": gettext_lazy("5,000–9,999 inhabitants"),
    "10000-19999": gettext_lazy("10,000–19,999 inhabitants"),
    "20000-49999": gettext_lazy("20,000–49,999 inhabitants"),
    "50000-99999": gettext_lazy("50,000–99,999 inhabitants"),
    ">=100000": gettext_lazy("100,000 inhabitants or more"),
}
BEARERS: Words = {
    "municipality": gettext_lazy("Each municipality"),
    "county": gettext_lazy("Each county"),
    "agency": gettext_lazy("The state"),
    "citizens": gettext_lazy("Citizens"),
    "vendor": gettext_lazy("Vendors"),
}
DRIVERS: Words = {
    "one": gettext_lazy("The same amount for each"),
    "inhabitants": gettext_lazy("The number of inhabitants"),
    "employees": gettext_lazy("The number of employees"),
    "size step": gettext_lazy("The size class, in steps"),
    "cases": gettext_lazy("The number of cases of a service"),
    "vendor": gettext_lazy("That it has a certain vendor"),
}
ROLES: Words = {
    "project_lead": gettext_lazy("Project leader"),
    "it": gettext_lazy("IT"),
    "caseworker": gettext_lazy("Caseworker"),
    "staff": gettext_lazy("Other staff"),
    "leader": gettext_lazy("Leader"),
    "other": gettext_lazy("No role named"),
}
GRADES: Words = {
    "assumption": gettext_lazy("Assumption"),
    "expert": gettext_lazy("Judged by somebody who knows"),
    "comparable": gettext_lazy("From something comparable"),
    "measured": gettext_lazy("Measured"),
}
STATES: Words = {
    "draft": pgettext_lazy("assessment", "Draft"),
    "consulted": gettext_lazy("Laid before KS"),
    "agreed": gettext_lazy("KS agrees"),
    "dissent": gettext_lazy("KS dissents"),
    "frozen": gettext_lazy("Frozen"),
}
STATE_COLORS = {
    "draft": "neutral",
    "consulted": "info",
    "agreed": "success",
    "dissent": "warning",
    "frozen": "accent",
}
COLOURS: Words = {
    "free": gettext_lazy("There is room"),
    "tight": gettext_lazy("Tight"),
    "over": gettext_lazy("Over capacity"),
}
COLOUR_TAGS = {"free": "success", "tight": "warning", "over": "danger"}
CLASSES: Words = {
    "quality_assured": gettext_lazy("Large quality-assured project"),
    "it_project": gettext_lazy("IT project"),
    "municipal_introduction": gettext_lazy("Introduction in municipalities"),
    "hours_freed": gettext_lazy("Hours that were to be freed"),
}
QUESTIONS: Words = {
    "project_lead": gettext_lazy("Hours of project leadership"),
    "training": gettext_lazy("Hours of training × number of staff"),
    "adapter": gettext_lazy("The vendor’s upgrade or adapter"),
    "integration_test": gettext_lazy("Test of integration"),
    "data_cleaning": gettext_lazy("Cleaning of data"),
    "double_running": gettext_lazy("Double running"),
    "citizen_information": gettext_lazy("Information to citizens"),
    "process_change": gettext_lazy("Change of work processes"),
    "security_privacy": gettext_lazy("Security and privacy: DPIA, risk analysis, agreements"),
    "archive": gettext_lazy("Archive"),
    "licence": gettext_lazy("Licence or tariff"),
    "administration": gettext_lazy("Administration"),
    "support": gettext_lazy("Support"),
    "follow_up": gettext_lazy("Follow-up"),
}
STATUSES: Words = {
    "published": gettext_lazy("From the source"),
    "derived": gettext_lazy("Follows from the source"),
    "assumption": gettext_lazy("Assumption"),
}
BEARER_SHORT: Words = {**BEARERS, "municipality": gettext_lazy("The municipalities")}


def word(words: Words, key: str) -> str:
    """Return the word of a key, or the key itself when somebody made it up."""
    return str(words.get(key, key))


def kind_of(category: str, *, in_hours: bool) -> str:
    """Return the key of `CATEGORIES` for a line: the category, or what hours of that category are called.

    >>> kind_of("one_off_cost", in_hours=True), kind_of("one_off_cost", in_hours=False)
    ('one_off_hours', 'one_off_cost')
    """
    hours = {
        "one_off_cost": "one_off_hours",
        "yearly_cost": "hours_used",
        "income": "hours_freed",
    }
    return hours.get(category, category) if in_hours else category


def driver(text: str) -> str:
    """Return a driver with what it is about."""
    kind, _sep, of = text.replace("_", " ").partition(":")
    label = word(DRIVERS, kind if kind in DRIVERS else text)
    return f"{label}: {of}" if of else label


def key_of_driver(key: str) -> str:
    """Return the key of a municipality's figure in words."""
    kind, _sep, of = key.partition(":")
    named = {
        "employees": _("Employees"),
        "zone": _("Zone of employer’s contribution"),
        "cases": _("Cases a year: %(name)s") % {"name": of},
        "vendor": _("Vendor: %(name)s") % {"name": word(SECTORS, of)},
        "capacity": _("Free hours a year: %(name)s") % {"name": word(ROLES, of)},
    }
    return named.get(kind, key)
