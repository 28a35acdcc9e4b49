"""The door of the room: may this person act for that one, now, and why.

A given world:    read_world, read_question, decide_json, guardians_json (no database); load_world (tests only)
Decide:           decide, decide_many, decide_fresh, decide_stored_json, register_client;
                  hold inside a transaction, make_ready before it, require, used
Citizens:         preview, give, accept, decline, preview_change, change, withdraw, renounce, renew, block
                  overview, get, uses_of, agents_of, printed, my_notices, unread_notices;
                  may_act_for, find, choose, current, stop
Employees:        phone_check, register_paper, waiting_papers, paper_mandate, approve_paper, print_letter,
                  confirm_by_code, end_on_request, block_at_counter, read_scan, read_letter;
                  users, name_user, end_user, received, accept_for_organisation
Leaders:          led, led_lately, and the five above with `org_no=`; organisation_named
Employees' cases: `service.employees` (may this employee do this to that case), `service.asking_employees`
Packages:         scope_fault (may a service be opened by this scope)
Others:           person_changed (subscriber of `registers`), look_after and purge (jobs)

A function either answers with a value or raises `RefusedError` with what, where and the remedy.
"""

from samspill.mandates.domain.model import Decision, Obligation, Question, Reason, World
from samspill.mandates.domain.reading import read_question, read_world
from samspill.mandates.domain.scopes import fault_of as scope_fault
from samspill.mandates.service.acting import (
    ActingFor,
    Choice,
    choose,
    current,
    find,
    make_ready,
    may_act_for,
    refusal,
    require,
    stop,
    used,
)
from samspill.mandates.service.clients import register_client
from samspill.mandates.service.deciding import (
    Held,
    decide,
    decide_fresh,
    decide_many,
    decide_stored_json,
    hold,
)
from samspill.mandates.service.expiring import look_after
from samspill.mandates.service.facts import person_changed, purge
from samspill.mandates.service.given import decide_json, guardians_json
from samspill.mandates.service.giving import (
    Offer,
    accept,
    block,
    block_at_counter,
    change,
    decline,
    give,
    preview,
    preview_change,
    renew,
    renounce,
    withdraw,
)
from samspill.mandates.service.importing import load_world
from samspill.mandates.service.notices import NoticeView, read_letter
from samspill.mandates.service.notices import mine as my_notices
from samspill.mandates.service.notices import unread as unread_notices
from samspill.mandates.service.organisations import (
    Led,
    UserView,
    accept_for_organisation,
    end_user,
    led,
    led_lately,
    name_user,
    organisation_named,
    received,
    users,
)
from samspill.mandates.service.paper import (
    PaperView,
    Scan,
    approve_paper,
    confirm_by_code,
    end_on_request,
    paper_mandate,
    print_letter,
    read_scan,
    register_paper,
    waiting_papers,
)
from samspill.mandates.service.printing import printed
from samspill.mandates.service.reading import (
    MandateView,
    Overview,
    Use,
    agents_of,
    get,
    overview,
    phone_check,
    uses_of,
)

__all__ = [
    "ActingFor",
    "Choice",
    "Decision",
    "Held",
    "Led",
    "MandateView",
    "NoticeView",
    "Obligation",
    "Offer",
    "Overview",
    "PaperView",
    "Question",
    "Reason",
    "Scan",
    "Use",
    "UserView",
    "World",
    "accept",
    "accept_for_organisation",
    "agents_of",
    "approve_paper",
    "block",
    "block_at_counter",
    "change",
    "choose",
    "confirm_by_code",
    "current",
    "decide",
    "decide_fresh",
    "decide_json",
    "decide_many",
    "decide_stored_json",
    "decline",
    "end_on_request",
    "end_user",
    "find",
    "get",
    "give",
    "guardians_json",
    "hold",
    "led",
    "led_lately",
    "load_world",
    "look_after",
    "make_ready",
    "may_act_for",
    "my_notices",
    "name_user",
    "organisation_named",
    "overview",
    "paper_mandate",
    "person_changed",
    "phone_check",
    "preview",
    "preview_change",
    "print_letter",
    "printed",
    "purge",
    "read_letter",
    "read_question",
    "read_scan",
    "read_world",
    "received",
    "refusal",
    "register_client",
    "register_paper",
    "renew",
    "renounce",
    "require",
    "scope_fault",
    "stop",
    "unread_notices",
    "used",
    "users",
    "uses_of",
    "waiting_papers",
    "withdraw",
]  # fmt: skip
