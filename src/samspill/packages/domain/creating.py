"""A new package to begin from: small, whole, in three languages, with an example; it passes check as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from string import Template
from typing import Final

_SERVICE: Final = """\
format: samspill/1
id: $id
version: 0.1.0
valid_from: "$today"
owner: "$owner"
law:
  - {id: act, act: "Forvaltningsloven", section: "§ 11", url: "https://lovdata.no/lov/1967-02-10/§11"}
processing_basis: "GDPR art. 6 nr. 1 e"
purpose: "Behandle søknad"
audience: person
decided_by: municipality
login: {level: substantial, assisted: true}
languages: [nb, nn, en]
draft_lifetime: P30D
answer_within: P1M
protected: {digital: false, phone: "00 00 00 00"}
"""

_DATA: Final = """\
fields:
  reason: {type: text, max_length: 1000, law: act, purpose: "Vurdere søknaden"}
  start_on: {type: date, min: "on", purpose: "Vite når ordningen skal gjelde fra"}
  has_helper: {type: boolean, purpose: "Vite om noen hjelper søkeren"}
  helper_name: {type: text, max_length: 200, purpose: "Kontakte den som hjelper"}
  approved: {type: boolean, source: caseworker, visible_to: [municipality], purpose: "Kommunens vurdering"}
"""

_FORM: Final = """\
pages:
  - id: about
    fields: [reason, start_on]
  - id: helper
    fields: [has_helper, {field: helper_name, visible_when: "has_helper"}]
summary: true
declaration: [truth]
"""

_CONDITIONS: Final = """\
conditions:
  starts_soon: "days(on, start_on) < 14"
checks:
  - {id: short_notice, when: starts_soon, field: start_on, level: warning, text: check.short_notice}
routing:
  - {unit: service_desk}
"""

_PROCESS: Final = """\
initial: submitted
states:
  submitted: {waits_for: municipality}
  missing: {waits_for: applicant}
  decided: {final: true}
transitions:
  - {from: submitted, to: missing, event: ask, by: [municipality]}
  - {from: missing, to: submitted, event: answer, by: [applicant, municipality]}
  - {from: submitted, to: decided, event: decide, by: [municipality], when: "approved != null"}
tasks:
  - {id: consider, role: municipality_caseworker, state: submitted, deadline: P14D,
     fields: [approved], shows: [reason, start_on]}
decisions:
  - {outcome: granted, letter: decision, appeal_within: P3W, state: decided}
  - {outcome: refused, letter: decision, appeal_within: P3W, state: decided}
appeal: {to: municipality, within: P3W, reviewed_by: municipality, law: act}
information_within: P3W
"""

_EXAMPLE: Final = """\
title: "An ordinary application"
source: "The package itself"
on: "$today"
answers:
  reason: "Jeg trenger ordningen fra neste måned."
  start_on: "$later"
  has_helper: false
  approved: true
events: [decide]
expect:
  missing: []
  errors: []
  pages: [about, helper]
  unit: service_desk
  states: [submitted, decided]
"""

_GAINS: Final = """\
before: {minutes_municipality: 30, minutes_agency: 0, minutes_citizen: 45,
         source: "Not measured yet", status: assumption}
measures:
  - {name: handling, from_event: CaseOpened, to_event: CaseReady, role: municipality_caseworker}
who_gains: [citizen, municipality]
"""

_TEXTS: Final[Mapping[str, str]] = {
    "nb": """\
service: {title: "Ny tjeneste", lead: "Her kan du søke. Det tar omtrent fem minutter."}
page:
  about: {title: "Hva du søker om"}
  helper: {title: "Hjelp med søknaden"}
field:
  reason:
    label: "Hvorfor søker du?"
    staff_label: "Hvorfor søkeren søker"
    why: "Kommunen vurderer søknaden ut fra dette."
  start_on: {label: "Når skal det gjelde fra?"}
  has_helper: {label: "Er det noen som hjelper deg?", staff_label: "Er det noen som hjelper søkeren?"}
  helper_name: {label: "Hva heter den som hjelper deg?", staff_label: "Navnet til hjelperen"}
  approved: {label: "Er søknaden innvilget?"}
check: {short_notice: "Det er under to uker til. Vi rekker kanskje ikke å svare før da."}
unit: {service_desk: {label: "Servicetorget"}}
state:
  submitted: {label: "Kommunen behandler søknaden"}
  missing: {label: "Vi venter på opplysninger fra deg", staff_label: "Venter på opplysninger fra søkeren"}
  decided: {label: "Saken er avgjort"}
event: {ask: {label: "Be om opplysninger"}, answer: {label: "Svar"}, decide: {label: "Avgjør"}}
task: {consider: {label: "Vurder søknaden"}}
outcome: {granted: {label: "Innvilget"}, refused: {label: "Avslått"}}
declaration: {truth: "Opplysningene jeg har gitt, er riktige."}
measure: {handling: {label: "Behandling i kommunen"}}
protected: {contact: "Kommunen, spør etter den som tar imot fra dem som har adressesperre"}
""",
    "nn": """\
service: {title: "Ny teneste", lead: "Her kan du søkje. Det tek om lag fem minutt."}
page:
  about: {title: "Kva du søkjer om"}
  helper: {title: "Hjelp med søknaden"}
field:
  reason:
    label: "Kvifor søkjer du?"
    staff_label: "Kvifor søkjaren søkjer"
    why: "Kommunen vurderer søknaden ut frå dette."
  start_on: {label: "Når skal det gjelde frå?"}
  has_helper: {label: "Er det nokon som hjelper deg?", staff_label: "Er det nokon som hjelper søkjaren?"}
  helper_name: {label: "Kva heiter den som hjelper deg?", staff_label: "Namnet til hjelparen"}
  approved: {label: "Er søknaden innvilga?"}
check: {short_notice: "Det er under to veker til. Vi rekk kanskje ikkje å svare før da."}
unit: {service_desk: {label: "Servicetorget"}}
state:
  submitted: {label: "Kommunen behandlar søknaden"}
  missing: {label: "Vi ventar på opplysningar frå deg", staff_label: "Ventar på opplysningar frå søkjaren"}
  decided: {label: "Saka er avgjord"}
event: {ask: {label: "Be om opplysningar"}, answer: {label: "Svar"}, decide: {label: "Avgjer"}}
task: {consider: {label: "Vurder søknaden"}}
outcome: {granted: {label: "Innvilga"}, refused: {label: "Avslått"}}
declaration: {truth: "Opplysningane eg har gitt, er rette."}
measure: {handling: {label: "Behandling i kommunen"}}
protected: {contact: "Kommunen, spør etter den som tek imot frå dei som har adressesperre"}
""",
    "en": """\
service: {title: "New service", lead: "You can apply here. It takes about five minutes."}
page:
  about: {title: "What you are applying for"}
  helper: {title: "Help with the application"}
field:
  reason:
    label: "Why are you applying?"
    staff_label: "Why the applicant applies"
    why: "The municipality considers the application on this basis."
  start_on: {label: "When should it begin?"}
  has_helper: {label: "Is somebody helping you?", staff_label: "Is somebody helping the applicant?"}
  helper_name: {label: "What is your helper's name?", staff_label: "The helper's name"}
  approved: {label: "Is the application granted?"}
check: {short_notice: "That is in less than two weeks. We may not be able to answer before then."}
unit: {service_desk: {label: "The service desk"}}
state:
  submitted: {label: "The municipality is handling the application"}
  missing: {label: "We are waiting for information from you", staff_label: "Waits for information from the applicant"}
  decided: {label: "The case is decided"}
event: {ask: {label: "Ask for information"}, answer: {label: "Answer"}, decide: {label: "Decide"}}
task: {consider: {label: "Consider the application"}}
outcome: {granted: {label: "Granted"}, refused: {label: "Refused"}}
declaration: {truth: "The information I have given is correct."}
measure: {handling: {label: "Handling in the municipality"}}
protected: {contact: "The municipality: ask for whoever receives from those with a confidential address"}
""",
}

_LETTERS: Final[Mapping[str, str]] = {
    "nb": """\
# {{ decision.code_text }}

Vi har vurdert søknaden din, som du sendte til {{ case.municipality }}.

Du skrev: {{ answers.reason }}

## Du kan klage

Er du uenig, kan du klage til kommunen innen {{ decision.appeal_by | date }}.
""",
    "nn": """\
# {{ decision.code_text }}

Vi har vurdert søknaden din, som du sende til {{ case.municipality }}.

Du skreiv: {{ answers.reason }}

## Du kan klage

Er du usamd, kan du klage til kommunen innan {{ decision.appeal_by | date }}.
""",
    "en": """\
# {{ decision.code_text }}

We have considered the application that you sent to {{ case.municipality }}.

You wrote: {{ answers.reason }}

## You can appeal

If you disagree, you can appeal to the municipality by {{ decision.appeal_by | date }}.
""",
}


def new_package(package_id: str, *, today: dt.date, owner: str) -> dict[str, bytes]:
    """Return the files of a small working package (path → bytes)."""
    later = today + dt.timedelta(days=30)
    words = {
        "id": package_id,
        "today": today.isoformat(),
        "later": later.isoformat(),
        "owner": owner,
    }
    files = {
        "service.yaml": Template(_SERVICE).substitute(words),
        "data.yaml": _DATA,
        "form.yaml": _FORM,
        "conditions.yaml": _CONDITIONS,
        "process.yaml": _PROCESS,
        "gains.yaml": _GAINS,
        "examples/ordinary.yaml": Template(_EXAMPLE).substitute(words),
        **{f"texts/{language}.yaml": text for language, text in _TEXTS.items()},
        **{f"letters/decision.{language}.md": text for language, text in _LETTERS.items()},
    }
    return {path: text.encode() for path, text in files.items()}
