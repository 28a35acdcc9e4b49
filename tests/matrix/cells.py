"""What is declared: who each address is for, what it leads to, and whom that lets in. Everything else is no.

A new address fails the test until it has a line here; a new role or relation is a line too. Change the rules of access
by changing these tables in the same commit. Columns are separated by two blanks or more.
"""

from __future__ import annotations

import re
from functools import cache

import attrs

GROUPS = {
    "municipality": ("municipality_caseworker", "municipality_leader", "counter"),
    "agency": ("agency_caseworker", "agency_leader"),
    "cleared": ("protected_caseworker",),
    "together": ("initiative_owner", "ks_coordinator", "ministry", "municipal_lead", "secretariat"),
}

#: address · whom its view asks for (`@needs`) · the door behind it (that of GET / that of POST, when they differ).
#: `-` leads to nothing that is anybody's: the role decides alone. `nothing`: what it leads to is not made here, so it
#: must answer that it is not there.
_ROUTES = """
front                       anyone                                                    -
about                       anyone                                                    -
accessibility-json          anyone                                                    -
accessibility               anyone                                                    -
without-e-id                anyone                                                    -
set-language                anyone                                                    -
log                         anyone                                                    -
my-looks                    citizen                                                   -
my-look                     citizen                                                   look
my-look-receipt             citizen                                                   look
look-reports                cleared, agency_leader, municipality_leader, secretariat  -
look-report                 cleared, agency_leader, municipality_leader, secretariat  report
my-data                     citizen                                                   -
own-data-schema             anyone                                                    -
my-data-file                citizen                                                   nothing
counter-data                cleared, counter, municipality_caseworker                 -
counter-data-file           cleared, counter, municipality_caseworker                 nothing
privacy                     anyone                                                    -
privacy-record              anyone                                                    -
privacy-record-json         anyone                                                    -
assessment-summary          anyone                                                    -
assessment-json             anyone                                                    -
assessment-csv              anyone                                                    -
assessments                 agency, municipality_leader                               -
assessment                  agency, municipality_leader                               nothing
assessment-decide           agency_leader, municipality_leader                        nothing
blank-form                  anyone                                                    -
dead-ends                   agency_leader, municipality_leader, secretariat           -
check-receipt               anyone                                                    -
municipal-contact           municipal_lead, municipality_leader                       -
health                      anyone                                                    -
municipalities              anyone                                                    -
municipality-facts          anyone                                                    -
log-checkpoint              anyone                                                    -
log-checkpoints             anyone                                                    -
log-key                     anyone                                                    -
log-inclusion               anyone                                                    -
log-consistency             anyone                                                    -
log-witness                 anyone                                                    -
login                       anyone                                                    -
login-citizen               anyone                                                    -
login-citizen-return        anyone                                                    -
login-employee              anyone                                                    -
login-employee-return       anyone                                                    -
login-unit                  employee                                                  -
logout                      anyone                                                    -
logout-frontchannel         anyone                                                    -
logout-backchannel          anyone                                                    -
my-sessions                 citizen, employee                                         -
staff-logged-in             agency_leader, municipality_leader                        -
logged-out                  anyone                                                    -
jwks                        anyone                                                    -
authzen-evaluation          machine                                                   -
authzen-evaluations         machine                                                   -
authzen-search-subject      machine                                                   -
authzen-search-resource     machine                                                   -
authzen-search-action       machine                                                   -
authzen-configuration       anyone                                                    -
mandates                    citizen                                                   -
mandate-give                citizen                                                   -
mandate-uses                citizen                                                   -
mandate-block               citizen                                                   -
mandate-sources             anyone                                                    -
mandate-organisations       citizen                                                   -
mandate-organisation        citizen                                                   nothing
mandate-act                 citizen                                                   -
mandate-act-stop            citizen                                                   -
mandate-act-confirm         citizen                                                   mandate: act
mandate                     citizen                                                   mandate
mandate-decide              citizen                                                   nothing / mandate: end
mandate-change              citizen                                                   mandate
mandate-pdf                 citizen                                                   mandate
mandate-notice              citizen                                                   nothing
mandate-own-scan            citizen                                                   nothing
mandate-papers              municipality                                              -
mandate-register            municipality                                              -
mandate-phone               municipality, agency, cleared                             -
mandate-users               agency_leader, municipality_leader                        -
mandate-shut                municipality                                              -
mandate-paper               municipality                                              paper
mandate-approve             municipality                                              nothing / paper: confirm
mandate-paper-end           municipality                                              paper
mandate-letter              municipality                                              nothing / paper: letter
mandate-notice-post         municipality                                              nothing
mandate-scan                municipality                                              nothing
service                     anyone                                                    -
application-start           citizen                                                   -
application                 citizen                                                   draft
application-missing         citizen                                                   draft
application-review          citizen                                                   draft
application-send            citizen                                                   draft
application-discard         citizen                                                   draft
application-move            citizen                                                   draft
application-take-over       citizen                                                   draft: take over
application-page            citizen                                                   draft
receipt                     citizen                                                   case
receipt-pdf                 citizen                                                   case
verify                      anyone                                                    -
my-page                     citizen                                                   -
my-case                     citizen                                                   case
my-case-write               citizen                                                   case
my-case-add                 citizen                                                   case
my-case-answered            citizen                                                   case
my-case-appeal              citizen                                                   case
my-case-stop                citizen                                                   case
attachment                  citizen, employee                                         attachment
letter                      citizen, employee                                         letter
letter-pdf                  citizen, employee                                         letter
work-list                   municipality, cleared                                     -
staff-find                  municipality, agency, cleared                             -
access-review               municipality, agency, cleared                             -
access-opening              agency_leader, municipality_leader                        nothing
access-answer               municipality, agency, cleared                             nothing
access-finding              agency_leader, municipality_leader                        nothing
access-incident             cleared                                                   nothing
paper                       municipality                                              -
paper-receipt               municipality                                              nothing
staff-case                  municipality, agency, cleared                             case
staff-open                  municipality, agency, cleared                             outside
staff-hand-over             municipality, agency, cleared                             case
staff-task                  municipality, agency, cleared                             task
staff-change                municipality, agency, cleared                             case
staff-ask                   municipality, agency, cleared                             case
staff-write                 municipality, agency, cleared                             case
staff-take                  municipality, agency, cleared                             case
staff-step                  municipality, agency, cleared                             case
staff-move                  municipality, agency, cleared                             case
staff-add-document          municipality, agency, cleared                             case
staff-document              municipality, agency, cleared                             case
staff-decide                agency, cleared                                           case
staff-correct               municipality, agency, cleared                             case
staff-recalculate           agency, cleared                                           recalculation
staff-review                agency, cleared                                           recalculation
staff-appeal                municipality, agency, cleared                             appeal
agency                      agency, cleared                                           -
agency-exceptional          agency, cleared                                           -
agency-appeals              agency, cleared                                           -
agency-letters              agency, cleared                                           -
agency-letters-again        agency, cleared                                           -
agency-terms                agency, cleared                                           terms
agency-term                 agency, cleared                                           term
agency-term-order           agency, cleared                                           term
agency-term-progress        agency, cleared                                           term
agency-term-payments        agency, cleared                                           term
gains                       agency, municipality_caseworker, municipality_leader      -
gains-csv                   agency, municipality_caseworker, municipality_leader      -
calculator                  anyone                                                    -
together                    together                                                  -
work-initiatives            together                                                  -
initiative-new              initiative_owner                                          -
work-initiative             together                                                  initiative
initiative-move             together                                                  initiative
initiative-publish          initiative_owner, secretariat                             initiative: edit
initiative-history          together                                                  initiative
initiative-basics           together                                                  initiative / initiative: own
initiative-links            together                                                  initiative / initiative: own
initiative-questions        together                                                  initiative
initiative-question         initiative_owner                                          initiative / initiative: own
initiative-relevance        together                                                  initiative / initiative: sides
initiative-statement        together                                                  initiative
initiative-state            ks_coordinator                                            initiative
initiative-dissent          ks_coordinator                                            initiative
initiative-comment          together                                                  initiative
initiative-involvement      together                                                  initiative
initiative-influence        initiative_owner                                          nothing
initiative-likeness         together                                                  initiative
initiative-appoint          ks_coordinator                                            initiative
initiative-windows          together                                                  initiative / initiative: municipality
rounds                      together                                                  -
round-new                   ministry                                                  -
round                       together                                                  nothing
round-enter                 initiative_owner                                          nothing
round-suggest               ministry, secretariat                                     nothing
round-decide                ministry                                                  nothing
round-withdraw              initiative_owner                                          nothing
round-recommend             ks_coordinator                                            nothing
round-mandatory             ministry                                                  nothing
budget-calendar             anyone                                                    -
budget-calendar-feed        anyone                                                    -
impact-municipality         municipal_lead                                            -
impact-correct              municipal_lead                                            -
impact-report               municipal_lead                                            -
impact-calibration          together                                                  -
impact-lines                together                                                  initiative
impact-line                 together                                                  nothing
impact-recalculate          together                                                  initiative
impact-checklist            together                                                  initiative / initiative: edit
impact-assess               together                                                  initiative: edit
impact-results              together                                                  initiative
impact-result               together                                                  nothing
impact-step                 together                                                  nothing
agreements                  anyone                                                    -
agreement-propose           initiative_owner, secretariat                             initiative / initiative: edit
agreement                   anyone                                                    agreement
agreement-offer             together                                                  agreement: edit
agreement-sign              together                                                  agreement: sign
agreement-leave             together                                                  agreement
agreement-settle            initiative_owner, secretariat                             agreement: edit
agreement-end               initiative_owner, secretariat                             agreement: edit
gain-plan                   anyone                                                    initiative: public
gain-plan-new               initiative_owner, secretariat                             initiative / initiative: edit
gain-report                 municipal_lead                                            nothing
gain-take-out               municipal_lead                                            nothing
gain-end                    initiative_owner, secretariat                             nothing
settlements                 anyone                                                    -
settlement                  anyone                                                    nothing
settlement-csv              anyone                                                    nothing
statement                   anyone                                                    nothing
statement-pdf               anyone                                                    nothing
statement-csv               anyone                                                    nothing
initiatives                 anyone                                                    -
initiative                  anyone                                                    -
municipality                anyone                                                    -
map                         anyone                                                    -
map-svg                     anyone                                                    -
distribution                anyone                                                    -
accuracy                    anyone                                                    -
equality                    anyone                                                    -
open-data                   anyone                                                    -
open-data-catalogue         anyone                                                    -
open-data-set               anyone                                                    -
chart-svg                   anyone                                                    -
"""

#: operation of the JSON API · whom it asks for · the door.
_OPERATIONS = """
GET /api/v1/municipalities               anyone   -
GET /api/v1/municipalities/{number}      anyone   -
POST /api/v1/packages/{package_id}/compute  anyone  -
POST /api/v1/applications                citizen  -
"""

#: door · which thing · who · in which grades or states (of the ones the thing has). Citizens by what they are to the
#: thing, employees by role and place; a group's name stands for its roles.
_DOORS = """
case            case        owner                           ugradert fortrolig strengtFortrolig
case            case        granted                         ugradert fortrolig
case            case        municipality: own               ugradert fortrolig
case            case        agency: own                     ugradert fortrolig
case            case        cleared: own municipality       ugradert fortrolig
case            case        cleared: own agency             ugradert fortrolig strengtFortrolig
outside         case        municipality: own               ugradert fortrolig
outside         case        agency: own                     ugradert fortrolig
outside         case        cleared: own municipality       ugradert fortrolig
outside         case        cleared: own agency             ugradert fortrolig strengtFortrolig
outside         case        municipality_caseworker: own, other tasks  ugradert fortrolig
outside         case        agency_caseworker: own, other tasks        ugradert fortrolig
letter          case        owner                           ugradert fortrolig strengtFortrolig
letter          case        granted                         ugradert fortrolig
letter          case        municipality: own               ugradert fortrolig
letter          case        agency: own                     ugradert fortrolig
letter          case        cleared: own municipality       ugradert fortrolig
letter          case        cleared: own agency             ugradert fortrolig strengtFortrolig
attachment      case        owner                           ugradert fortrolig strengtFortrolig
attachment      case        granted                         ugradert
look            case        owner                           ugradert fortrolig strengtFortrolig
task            case        municipality_caseworker: own    ugradert fortrolig
task            case        municipality_leader: own        ugradert fortrolig
appeal          case        agency: own                     ugradert fortrolig
appeal          case        cleared: own agency             ugradert fortrolig strengtFortrolig
recalculation   case        agency: own                     ugradert fortrolig
recalculation   case        cleared: own agency             ugradert fortrolig strengtFortrolig
draft           draft       owner                           ugradert
draft: take over  draft     owner                           ugradert
mandate         mandate     owner                           ugradert
mandate         mandate     agent                           ugradert
mandate: act    mandate     agent                           ugradert
mandate: end    mandate     owner                           ugradert
mandate: end    mandate     agent                           ugradert
paper           paper       municipality: own               ugradert
paper           paper       municipality_caseworker: own, other tasks  ugradert
paper: confirm  paper       municipality_caseworker: own, other tasks  ugradert
paper: letter   paper       municipality_caseworker: own, other tasks  ugradert
paper: confirm  paper       municipality_caseworker: own    ugradert
paper: confirm  paper       municipality_leader: own        ugradert
paper: letter   paper       municipality_caseworker: own    ugradert
paper: letter   paper       municipality_leader: own        ugradert
report          report      municipality_leader: own        ugradert
term            term        agency: own                     ugradert
term            term        cleared: own agency             ugradert
terms           term        agency_caseworker: own, other tasks        ugradert
terms           term        agency: own                     ugradert
terms           term        agency: other                   ugradert
terms           term        cleared: own agency             ugradert
terms           term        cleared: other agency           ugradert
initiative      initiative  initiative_owner: own           draft published
initiative      initiative  secretariat: own                draft published
initiative      initiative  initiative_owner: other         published
initiative      initiative  ks_coordinator: own             published
initiative      initiative  ministry: own                   published
initiative      initiative  municipal_lead: own             published
initiative      initiative  municipal_lead: other           published
initiative: own           initiative  initiative_owner: own      draft published
initiative: edit          initiative  initiative_owner: own      draft published
initiative: edit          initiative  secretariat: own           draft published
initiative: sides         initiative  initiative_owner: own      draft published
initiative: sides         initiative  ks_coordinator: own        published
initiative: municipality  initiative  municipal_lead: own        published
initiative: municipality  initiative  municipal_lead: other      published
initiative: public        initiative  anybody                    published
initiative: public        initiative  initiative_owner: own      draft
initiative: public        initiative  secretariat: own           draft
agreement                 agreement   anybody                    published
agreement: edit           agreement   initiative_owner: own      published
agreement: edit           agreement   secretariat: own           published
agreement: sign           agreement   initiative_owner: own      published
agreement: sign           agreement   initiative_owner: other    published
agreement: sign           agreement   ks_coordinator: own        published
agreement: sign           agreement   ministry: own              published
agreement: sign           agreement   municipal_lead: own        published
agreement: sign           agreement   municipal_lead: other      published
"""

#: What a form must hold for the address to act at all.
_NOBODYS = "00000000-0000-4000-8000-000000000000"
FORMS = {
    "mandate-decide": {"act": "avslutt"}, "mandate-act-confirm": {"scope": "husbanken:bostoette"},
    "round-enter": {"initiative": _NOBODYS},
}  # fmt: skip
#: Whom the view itself keeps out, though the role is right.
KEPT_OUT = {("login-unit", "employee without a unit")}
NOWHERE, UNMADE = "-", "nothing"


@attrs.frozen
class Route:
    """The declaration of an address."""

    roles: frozenset[str]
    get: str
    post: str

    def door(self, method: str) -> str:
        """The door behind a method."""
        return self.get if method == "get" else self.post


@attrs.frozen
class Door:
    """The declaration of a door: the thing behind it, and (who, grade) that it opens to."""

    thing: str
    opens: frozenset[tuple[str, str]]

    def lets_in(self, who: str, grade: str) -> bool:
        """Tell whether the door opens to one for a thing of a grade."""
        return (who, grade) in self.opens or ("anybody", grade) in self.opens


@cache
def routes() -> dict[str, Route]:
    """The declared addresses by name."""
    return {row[0]: _route(row[1], row[2]) for row in _rows(_ROUTES)}


@cache
def operations() -> dict[str, Route]:
    """The declared operations of the JSON API by method and path."""
    return {row[0]: _route(row[1], row[2]) for row in _rows(_OPERATIONS)}


@cache
def doors() -> dict[str, Door]:
    """The declared doors by name."""
    found: dict[str, tuple[str, set[tuple[str, str]]]] = {}
    for name, thing, who, grades in _rows(_DOORS):
        _, opens = found.setdefault(name, (thing, set()))
        opens |= {(one, grade) for one in _everybody(who) for grade in grades.split()}
    return {name: Door(thing, frozenset(opens)) for name, (thing, opens) in found.items()}


def _route(who: str, leads_to: str) -> Route:
    get, _, post = leads_to.partition(" / ")
    roles = [role for name in who.split(", ") for role in GROUPS.get(name, (name,))]
    return Route(frozenset(roles), get, post or get)


def _everybody(who: str) -> list[str]:
    group, colon, place = who.partition(": ")
    return [f"{role}{colon}{place}" for role in GROUPS.get(group, (group,))]


def _rows(table: str) -> list[list[str]]:
    return [re.split(r" {2,}", line) for line in table.strip().splitlines()]
