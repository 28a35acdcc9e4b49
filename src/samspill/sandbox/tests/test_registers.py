from __future__ import annotations

from datetime import date
from typing import Any

import httpx2 as httpx
import pytest

from samspill.sandbox.testing import Running

FREG = "/folkeregisteret/offentlig-med-hjemmel/v1"
FREG_SCOPE = "folkeregister:deling/offentligmedhjemmel"
INCOME = "/skatteetaten/api/innrapportert/inntektsmottaker/husbanken"
SETTLED = "/skatteetaten/api/formueinntekt/summertskattegrunnlag/oppgjoer/husbankenbostoette"
UNKNOWN = "01819206357"


class Machine:
    """Calls registers with a fresh token of the right scope."""

    def __init__(self, sandbox: Running, http: httpx.Client) -> None:
        self.sandbox, self.http = sandbox, http

    def _headers(self, scope: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.sandbox.token(scope)}"}

    def get(self, path: str, scope: str = FREG_SCOPE, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=self._headers(scope) | headers)

    def post(self, path: str, body: Any, scope: str = FREG_SCOPE) -> Any:
        return self.http.post(path, json=body, headers=self._headers(scope))

    def number(self, case: str) -> str:
        return self.sandbox.population.applicant(case).national_id

    def person(self, case: str, *parts: str) -> dict[str, Any]:
        query = "&".join(f"part={p}" for p in parts)
        return self.get(f"{FREG}/personer/{self.number(case)}?{query}").json()

    def household(self, case: str, day: str = "2026-11-01") -> list[dict[str, Any]]:
        body = {"personidentifikatorer": [self.number(case)], "dato": day}
        return self.post(f"{FREG}/husholdninger", body).json()["husholdninger"][0]["medlemmer"]


@pytest.fixture
def machine(sandbox: Running, http: httpx.Client) -> Machine:
    return Machine(sandbox, http)


# -- access -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{FREG}/personer/bulkoppslag", "FREG-001"),
        (f"{INCOME}/bulk", "IM-004"),
        ("/nav/v1/ytelser", "401"),
        ("/krr/rest/v2/personer", "401"),
        ("/lanekassen/v1/stotte", "401"),
        ("/matrikkelen/v1/boenheter", "401"),
        ("/husbanken/v1/laan", "401"),
    ],
)
def test_no_register_answers_without_a_token(machine: Machine, path: str, code: str) -> None:
    answer = machine.http.post(path, json={"personidentifikatorer": []})
    assert answer.status_code == 401
    body = answer.json()
    assert body.get("kode", body.get("feil", {}).get("kode")) == code


def test_scope_of_another_register_is_refused(machine: Machine) -> None:
    answer = machine.post("/nav/v1/ytelser", {"personidentifikatorer": []}, scope=FREG_SCOPE)
    assert answer.status_code == 403
    assert "nav:ytelser.read" in answer.json()["feil"]["melding"]


@pytest.mark.parametrize(
    "body", [{}, {"foedselsEllerDNummer": "x"}, {"foedselsEllerDNummer": ["x"] * 1001}]
)
def test_batch_must_be_a_list_of_at_most_a_thousand(machine: Machine, body: Any) -> None:
    answer = machine.post(f"{FREG}/personer/bulkoppslag", body)
    assert answer.status_code == 400
    assert "1000" in answer.json()["melding"]


def test_address_that_does_not_exist_says_so(machine: Machine) -> None:
    assert machine.get("/folkeregisteret/v9/nothing").json()["kode"] == "FREG-404"


# -- Folkeregisteret ----------------------------------------------------------------------------------


def test_person_has_only_the_parts_asked_for(machine: Machine) -> None:
    document = machine.person("single_mother_sandnes", "navn", "bostedsadresse")
    assert set(document) == {"identifikasjonsnummer", "navn", "bostedsadresse"}
    assert (
        machine.get(f"{FREG}/personer/{machine.number('couple_baerum')}?part=skostr").status_code
        == 400
    )


def test_address_has_history_and_one_current_element(machine: Machine) -> None:
    addresses = machine.person("single_mother_sandnes", "bostedsadresse")["bostedsadresse"]
    assert [a["erGjeldende"] for a in addresses] == [True, False]
    now = addresses[0]
    assert now["vegadresse"]["kommunenummer"] == "1108"
    assert now["adresseIdentifikatorFraMatrikkelen"].startswith("1108")
    assert addresses[1]["opphoerstidspunkt"][:10] == now["flyttedato"]


def test_unknown_person_is_404_and_left_out_of_bulk(machine: Machine) -> None:
    answer = machine.get(f"{FREG}/personer/{UNKNOWN}")
    assert (answer.status_code, answer.json()["kode"]) == (404, "FREG-004")
    known = machine.number("couple_baerum")
    body = {"foedselsEllerDNummer": [UNKNOWN, known]}
    found = machine.post(f"{FREG}/personer/bulkoppslag?part=navn", body).json()["oppslag"]
    assert [f["foedselsEllerDNummer"] for f in found] == [known]


def test_two_current_addresses_and_unknown_address(machine: Machine) -> None:
    two = machine.person("two_current_addresses", "bostedsadresse")["bostedsadresse"]
    assert [a["erGjeldende"] for a in two] == [True, True]
    unknown = machine.person("unknown_address", "bostedsadresse")["bostedsadresse"]
    assert "ukjentBosted" in unknown[0]
    assert machine.household("unknown_address") == []


@pytest.mark.parametrize(
    ("case", "grade"),
    [
        ("protected_strictly", "strengtFortrolig"),
        ("protected", "fortrolig"),
        ("client_address", "klientadresse"),
    ],
)
def test_protection_is_told(machine: Machine, case: str, grade: str) -> None:
    document = machine.person(case, "adressebeskyttelse", "bostedsadresse")
    assert document["adressebeskyttelse"][0]["graderingsnivaa"] == grade
    assert document["bostedsadresse"][0]["adressegradering"] == grade


def test_earlier_number_leads_to_the_same_person(machine: Machine) -> None:
    numbers = machine.person("number_changed")["identifikasjonsnummer"]
    assert [n["status"] for n in numbers] == ["iBruk", "opphoert"]
    earlier = machine.get(f"{FREG}/personer/{numbers[1]['foedselsEllerDNummer']}?part=navn").json()
    assert earlier["identifikasjonsnummer"] == numbers


def test_death_emigration_guardian_and_language(machine: Machine) -> None:
    assert (
        machine.person("dead_applicant", "doedsfall")["doedsfall"][0]["doedsdato"] == "2026-10-18"
    )
    assert machine.person("emigrated", "status")["status"][0]["status"] == "utflyttet"
    guard = machine.person("with_guardian", "vergemaalEllerFremtidsfullmakt")
    assert guard["vergemaalEllerFremtidsfullmakt"][0]["verge"]["foedselsEllerDNummer"]
    assert "brukAvSamiskSpraak" in machine.person("no_income", "brukAvSamiskSpraak")


def test_household_lists_everybody_registered_there(machine: Machine) -> None:
    members = machine.household("single_mother_sandnes")
    assert [m["rolle"] for m in members] == ["selv", "barn", "barn"]
    assert [m["rolle"] for m in machine.household("couple_baerum")] == [
        "selv",
        "ektefelleEllerPartner",
    ]


def test_child_with_shared_residence_counts_in_both_homes(machine: Machine) -> None:
    members = machine.household("shared_residence_child")
    child = next(m for m in members if m["deltBosted"])
    assert child["rolle"] == "barn"
    number = child["foedselsEllerDNummer"]
    document = machine.get(f"{FREG}/personer/{number}?part=deltBosted&part=bostedsadresse").json()
    assert (
        document["deltBosted"][0]["adresseIdentifikatorFraMatrikkelen"]
        != document["bostedsadresse"][0]["adresseIdentifikatorFraMatrikkelen"]
    )
    body = {"personidentifikatorer": [number], "dato": "2026-11-01"}
    home = machine.post(f"{FREG}/husholdninger", body).json()["husholdninger"][0]["medlemmer"]
    assert [m["deltBosted"] for m in home] == [False, False]


def test_household_is_that_of_the_day_asked(machine: Machine) -> None:
    assert machine.household("applicant_moved_after_first", "2026-11-01") == []
    assert len(machine.household("applicant_moved_after_first", "2026-11-10")) == 1
    assert len(machine.household("dead_spouse", "2026-09-01")) == 2
    assert len(machine.household("dead_spouse", "2026-10-01")) == 1


def test_bulk_of_a_thousand_gives_a_thousand(machine: Machine) -> None:
    numbers = [p.national_id for p in machine.sandbox.population.persons[:1000]]
    body = {"foedselsEllerDNummer": numbers}
    found = machine.post(f"{FREG}/personer/bulkoppslag?part=navn", body).json()["oppslag"]
    assert [f["foedselsEllerDNummer"] for f in found] == numbers


def test_feed_is_numbered_without_gaps_and_knows_its_etag(machine: Machine) -> None:
    answer = machine.get(f"{FREG}/hendelser/feed/?seq=1")
    events = answer.json()
    assert [e["sekvensnummer"] for e in events] == list(range(1, len(events) + 1))
    again = machine.get(
        f"{FREG}/hendelser/feed/?seq=1", **{"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    document = machine.get(f"{FREG}/hendelser/{events[0]['hendelse']['hendelsesdokument']}").json()
    assert document["hendelse"]["hendelsestype"] == events[0]["hendelse"]["hendelsestype"]


# -- Skatteetaten -------------------------------------------------------------------------------------


def test_income_is_reported_by_month_and_payer(machine: Machine) -> None:
    number = machine.number("june_arrears")
    path = f"{INCOME}/{number}/oppgave/inntekt?fraOgMed=2026-05&tilOgMed=2026-06"
    reports = machine.get(path, "skatteetaten:inntekt").json()["oppgaveInntektsmottaker"]
    assert [r["kalendermaaned"] for r in reports] == ["2026-05", "2026-06"]
    assert [i["beloep"] for i in reports[1]["inntekt"]] == [24600, 1200]
    assert reports[0]["opplysningspliktigId"] == "889640782"
    assert reports[0]["inntekt"][0]["ytelseFraOffentlige"]["beskrivelse"] == "ufoeretrygd"


def test_income_not_found_and_wrong_month(machine: Machine) -> None:
    scope = "skatteetaten:inntekt"
    nothing = machine.get(
        f"{INCOME}/{machine.number('no_income')}/oppgave/inntekt?fraOgMed=2026-10", scope
    )
    assert (nothing.status_code, nothing.json()["kode"]) == (404, "IM-008")
    unknown = machine.get(f"{INCOME}/{UNKNOWN}/oppgave/inntekt?fraOgMed=2026-10", scope)
    assert unknown.json()["kode"] == "IM-007"
    wrong = machine.get(f"{INCOME}/{UNKNOWN}/oppgave/inntekt?fraOgMed=oktober", scope)
    assert (wrong.status_code, wrong.json()["kode"]) == (400, "IM-006")
    backwards = machine.get(
        f"{INCOME}/{UNKNOWN}/oppgave/inntekt?fraOgMed=2026-10&tilOgMed=2026-09", scope
    )
    assert backwards.json()["kode"] == "IM-006"


def test_bulk_income_equals_one_by_one(machine: Machine) -> None:
    scope = "skatteetaten:inntekt"
    numbers = [machine.number(c) for c in ("three_payments_aap", "no_income", "couple_baerum")]
    body = {"personidentifikatorer": [*numbers, UNKNOWN], "fraOgMed": "2026-10"}
    bulk = machine.post(f"{INCOME}/bulk", body, scope).json()["inntektsmottakere"]
    assert [b["personidentifikator"] for b in bulk] == numbers
    assert bulk[1]["oppgaveInntektsmottaker"] == []
    assert len(bulk[0]["oppgaveInntektsmottaker"][0]["inntekt"]) == 3
    one = machine.get(f"{INCOME}/{numbers[2]}/oppgave/inntekt?fraOgMed=2026-10", scope).json()
    assert one["oppgaveInntektsmottaker"] == bulk[2]["oppgaveInntektsmottaker"]


def test_settlement_one_and_bulk(machine: Machine) -> None:
    scope = "skatteetaten:summertskattegrunnlag"
    number = machine.number("owner_with_loan")
    one = machine.get(f"{SETTLED}/2025/{number}", scope).json()
    amounts = {g["tekniskNavn"]: g["beloep"] for g in one["grunnlag"]}
    assert amounts["formuesverdiForPrimaerbolig"] == 620000
    assert amounts["nettoformue"] == 620000 + 45000 - 1380000
    body = {"personidentifikatorer": [number, machine.number("single_mother_sandnes")]}
    assert machine.post(f"{SETTLED}/2025/bulk", body, scope).json() == {"skattegrunnlag": [one]}
    missing = machine.get(f"{SETTLED}/2019/{number}", scope)
    assert (missing.status_code, missing.json()["kode"]) == (404, "SSG-008")


# -- the others ---------------------------------------------------------------------------------------


def _one(machine: Machine, path: str, scope: str, case: str, **more: Any) -> dict[str, Any]:
    body = {"personidentifikatorer": [machine.number(case), UNKNOWN], **more}
    found = machine.post(path, body, scope).json()
    people = found.get("personer") or found.get("boenheter")
    assert len(people) == 1
    return people[0]


def test_contact_register(machine: Machine) -> None:
    path, scope = "/krr/rest/v2/personer", "krr:global/kontaktinformasjon.read"
    ordinary = _one(machine, path, scope, "single_mother_sandnes")
    assert (ordinary["reservasjon"], ordinary["status"]) == ("NEI", "AKTIV")
    assert ordinary["varslingsstatus"] == "KAN_VARSLES"
    assert ordinary["kontaktinformasjon"]["epostadresse"].endswith(".example")
    assert _one(machine, path, scope, "reserved_against_digital")["reservasjon"] == "JA"
    assert _one(machine, path, scope, "newly_arrived_refugee")["status"] == "IKKE_REGISTRERT"
    assert _one(machine, path, scope, "english_speaker")["spraak"] == "en"
    old = _one(machine, path, scope, "contact_outdated")["kontaktinformasjon"]
    assert old["epostadresse_sist_verifisert"] < "2025"


def test_benefits_of_a_day(machine: Machine) -> None:
    path, scope = "/nav/v1/ytelser", "nav:ytelser.read"
    young = _one(machine, path, scope, "young_disabled")["ytelser"][0]
    assert (young["ytelse"], young["ungUfoer"], young["varig"]) == ("ufoeretrygd", True, True)
    assert _one(machine, path, scope, "occupational_injury")["ytelser"][0]["yrkesskade"] is True
    pension = _one(machine, path, scope, "single_pensioner")["ytelser"][0]
    assert (pension["enslig"], pension["kapittel"]) == (True, "19")
    assert _one(machine, path, scope, "pensioner_couple")["ytelser"][0]["enslig"] is False
    assert _one(machine, path, scope, "income_falls", dato="2026-10-01")["ytelser"] == []


def test_students(machine: Machine) -> None:
    path, scope = "/lanekassen/v1/stotte", "lanekassen:stotte.read"
    student = _one(machine, path, scope, "student_alone", dato="2026-11-01")
    assert (student["student"], student["utdanningsnivaa"]) == (True, "hoeyereUtdanning")
    assert _one(machine, path, scope, "student_alone", dato="2029-01-01")["student"] is False
    assert _one(machine, path, scope, "pupil_begun_at_25")["paabegyntAar"] == 2025
    wrong = {"personidentifikatorer": [], "dato": "i dag"}
    assert machine.post(path, wrong, scope).status_code == 400


def test_dwellings_by_person_and_by_unit(machine: Machine) -> None:
    path, scope = "/matrikkelen/v1/boenheter", "matrikkelen:boenheter.read"
    assert _one(machine, path, scope, "holiday_home")["fritidsbolig"] is True
    assert _one(machine, path, scope, "institution")["institusjon"] is True
    cellar = _one(machine, path, scope, "not_approved_basement")
    assert cellar["godkjentSomBolig"] is False
    units = [{k: cellar[k] for k in ("adresseIdentifikator", "bruksenhetsnummer")}]
    found = machine.post(path, {"boenheter": units}, scope).json()["boenheter"]
    assert found == [{k: v for k, v in cellar.items() if k != "personidentifikator"}]


def test_loans(machine: Machine) -> None:
    loan = _one(machine, "/husbanken/v1/laan", "husbanken:laan.read", "owner_with_loan")["laan"][0]
    assert (loan["laangiver"], loan["renterAar"] + loan["avdragAar"]) == ("Husbanken", 95000)


def test_names_of_payers_are_open(machine: Machine) -> None:
    payer = machine.sandbox.population.applicant("single_mother_sandnes").incomes[0].payer
    path = "/enhetsregisteret/api/enheter"
    assert machine.http.get(f"{path}/{payer}").json()["navn"].endswith(" AS")
    both = machine.http.get(f"{path}?organisasjonsnummer=889640782,964965137").json()
    assert [e["navn"] for e in both["_embedded"]["enheter"]] == [
        "ARBEIDS- OG VELFERDSETATEN",
        "SANDNES KOMMUNE",
    ]
    assert machine.http.get(f"{path}/123456789").status_code == 404


# -- changes ------------------------------------------------------------------------------------------


def _change(machine: Machine, case: str, change: str, **facts: Any) -> httpx.Response:
    body = {"personidentifikator": machine.number(case), "change": change, **facts}
    return machine.http.post("/_sandbox/changes", json=body)


def test_income_of_a_month_can_be_changed(machine: Machine) -> None:
    answer = _change(machine, "couple_baerum", "income", month="2026-10", amount=35000)
    assert answer.status_code == 200
    body = {
        "personidentifikatorer": [machine.number("couple_baerum")],
        "fraOgMed": "2026-09",
        "tilOgMed": "2026-10",
    }
    bulk = machine.post(f"{INCOME}/bulk", body, "skatteetaten:inntekt").json()
    reports = bulk["inntektsmottakere"][0]["oppgaveInntektsmottaker"]
    assert [i["beloep"] for r in reports for i in r["inntekt"]] == [15200, 35000]


def test_grade_death_and_study_can_be_changed_and_the_feed_tells(machine: Machine) -> None:
    before = machine.get(f"{FREG}/hendelser/siste/sekvensnummer").json()
    _change(machine, "couple_baerum", "address_protection", grade="fortrolig")
    _change(machine, "couple_baerum", "death", date="2026-11-15")
    _change(machine, "couple_baerum", "student", **{"from": "2026-08-15", "level": "fagskole"})
    document = machine.person("couple_baerum", "adressebeskyttelse", "doedsfall", "status")
    assert document["adressebeskyttelse"][0]["graderingsnivaa"] == "fortrolig"
    assert document["status"][0]["status"] == "doed"
    student = _one(machine, "/lanekassen/v1/stotte", "lanekassen:stotte.read", "couple_baerum")
    assert student["utdanningsnivaa"] == "fagskole"
    events = machine.get(f"{FREG}/hendelser/feed/?seq={before + 1}").json()
    assert [e["hendelse"]["hendelsestype"] for e in events] == [
        "endringIAdressebeskyttelse",
        "endringIDoedsfall",
    ]


def test_a_move_changes_household_and_keeps_history(machine: Machine) -> None:
    case = "single_mother_sandnes"
    answer = _change(
        machine, case, "move", municipality_no="4601", date="2026-11-10", whole_household=True
    )
    assert answer.status_code == 200
    assert len(machine.household(case, "2026-11-01")) == 3
    assert len(machine.household(case, "2026-11-10")) == 3
    addresses = machine.person(case, "bostedsadresse")["bostedsadresse"]
    numbers = [a["vegadresse"]["kommunenummer"] for a in addresses]
    assert numbers[:2] == ["4601", "1108"]
    assert [a["erGjeldende"] for a in addresses] == [True, False, False]


def test_one_who_moves_leaves_the_others(machine: Machine) -> None:
    population = machine.sandbox.population
    household = population.households[population.cases["couple_baerum"].household]
    spouse = population.persons[household.members[1]]
    machine.sandbox.changes.move(spouse.national_id, municipality_no="1103", day=date(2026, 11, 5))
    assert len(machine.household("couple_baerum", "2026-11-04")) == 2
    assert len(machine.household("couple_baerum", "2026-11-05")) == 1


@pytest.mark.parametrize(
    ("change", "facts", "said"),
    [
        ("marriage", {}, "Unknown change"),
        ("income", {"month": "2026-10"}, "Missing: amount"),
        ("income", {"month": "okt", "amount": 1}, "not a month"),
        ("income", {"month": "2026-10", "amount": 1, "description": "gave"}, "Unknown description"),
        ("address_protection", {"grade": "hemmelig"}, "Unknown grade"),
        ("move", {"municipality_no": "0219", "date": "2026-11-01"}, "no municipality"),
        ("death", {"date": "snart"}, "isoformat"),
    ],
)
def test_wrong_change_says_what_to_write(
    machine: Machine, change: str, facts: dict[str, Any], said: str
) -> None:
    answer = _change(machine, "couple_baerum", change, **facts)
    assert answer.status_code == 400
    assert said in answer.json()["feil"]["melding"]


def test_reset_forgets_changes(machine: Machine) -> None:
    _change(machine, "couple_baerum", "address_protection", grade="fortrolig")
    machine.http.post("/_sandbox/reset")
    assert "adressebeskyttelse" not in machine.person("couple_baerum", "adressebeskyttelse")
