"""Reading what registers write: tolerant of what does not matter, strict where it would hurt."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.kernel.ids import NationalId
from samspill.registers.adapters import (
    folkeregisteret,
    husbanken,
    krr,
    lanekassen,
    matrikkelen,
    nav,
    skatteetaten,
)
from samspill.registers.domain import Declaration, WireError
from samspill.registers.domain.model import chunks
from samspill.registers.domain.reading import current, instant

ON = dt.date(2026, 8, 1)
NUMBER = "17912099997"


def a_person(**parts: Any) -> dict[str, Any]:
    """A person document in the published form; `parts` replace whole parts."""
    now = {"erGjeldende": True, "ajourholdstidspunkt": "2024-01-02T03:04:05.678+01:00"}
    document = {
        "identifikasjonsnummer": [
            {**now, "status": "iBruk", "foedselsEllerDNummer": NUMBER, "identifikatortype": "x"}
        ],
        "status": [{**now, "status": "bosatt"}],
        "navn": [{**now, "fornavn": "VAKKER", "mellomnavn": "STILLE", "etternavn": "BLOMST"}],
        "foedsel": [{**now, "foedselsdato": "1990-05-17"}],
        "sivilstand": [{**now, "sivilstand": "ugift"}],
        "bostedsadresse": [
            {
                **now,
                "vegadresse": {
                    "kommunenummer": "5610",
                    "bruksenhetsnummer": "H0101",
                    "adressenavn": "Storgata",
                    "adressenummer": {"husnummer": "5", "husbokstav": "B"},
                    "poststed": {"poststedsnavn": "KARASJOK", "postnummer": "9730"},
                },
                "adresseIdentifikatorFraMatrikkelen": "123",
                "adressegradering": "ugradert",
                "flyttedato": "2020-02-03",
            }
        ],
        "adressebeskyttelse": [{**now, "graderingsnivaa": "ugradert"}],
    }
    return {**document, **parts}


def graded(*grades: object) -> list[dict[str, Any]]:
    return [{"erGjeldende": True, "graderingsnivaa": grade} for grade in grades]


def test_a_person_document_becomes_the_normal_shape() -> None:
    assert folkeregisteret.read_person(a_person()) == {
        "national_id": NUMBER,
        "name": {
            "given": "VAKKER",
            "middle": "STILLE",
            "family": "BLOMST",
            "full": "VAKKER STILLE BLOMST",
        },
        "born": "1990-05-17",
        "status": "bosatt",
        "dead": False,
        "marital_status": "ugift",
        "address": {
            "street": "Storgata 5B",
            "unit_no": "H0101",
            "postal_code": "9730",
            "city": "KARASJOK",
            "municipality_no": "5610",
            "address_id": "123",
            "moved_in": "2020-02-03",
        },
        "shared_residence": None,
        "protection": "ugradert",
    }


def test_of_several_in_force_the_one_updated_last_holds() -> None:
    old = {"erGjeldende": True, "ajourholdstidspunkt": "2019-01-01T00:00:00+01", "status": "bosatt"}
    new = {**old, "ajourholdstidspunkt": "2023-01-01T00:00:00Z", "status": "utflyttet"}
    past = {**old, "ajourholdstidspunkt": "2025-01-01T00:00:00Z", "erGjeldende": False}
    assert current([old, new, past]) == new
    assert folkeregisteret.read_person(a_person(status=[new, old]))["status"] == "utflyttet"


def test_nothing_in_force_is_told_as_nothing() -> None:
    past = {"erGjeldende": False, "status": "bosatt"}
    person = folkeregisteret.read_person(a_person(status=[past], bostedsadresse=[], navn=[]))
    assert person["status"] == "ukjent"
    assert person["address"] is None
    assert person["name"]["full"] == ""


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        (["ugradert"], "ugradert"),
        (["UGRADERT"], "ugradert"),
        (["ugradert", "fortrolig"], "fortrolig"),
        (["strengtFortrolig", "ugradert"], "strengtFortrolig"),
        (["noeNytt"], "strengtFortrolig"),
        ([None], "strengtFortrolig"),
    ],
)
def test_the_strictest_grade_holds_and_an_unknown_one_is_the_strictest(
    grades: list[object], expected: str
) -> None:
    person = folkeregisteret.read_person(a_person(adressebeskyttelse=graded(*grades)))
    assert person["protection"] == expected
    assert (person["address"] is None) == (expected not in {"ugradert", "klientadresse"})


def test_the_grade_of_the_address_counts_too() -> None:
    address = copy.deepcopy(a_person()["bostedsadresse"])
    address[0]["adressegradering"] = "fortrolig"
    assert folkeregisteret.read_person(a_person(bostedsadresse=address))["address"] is None


def test_no_word_of_a_grade_is_the_strictest() -> None:
    document = a_person(bostedsadresse=[], adressebeskyttelse=[])
    assert folkeregisteret.read_person(document)["protection"] == "strengtFortrolig"


@pytest.mark.parametrize(
    ("before", "expected"), [("ugradert", "ugradert"), ("fortrolig", "fortrolig")]
)
def test_the_dead_keep_the_grade_that_their_address_had(before: str, expected: str) -> None:
    address = copy.deepcopy(a_person()["bostedsadresse"])
    for one in address:
        one.update(erGjeldende=False, adressegradering=before)
    gone = {"bostedsadresse": address, "adressebeskyttelse": []}
    dead = a_person(doedsfall=[{"erGjeldende": True, "doedsdato": "2026-07-01"}], **gone)
    assert folkeregisteret.read_person(dead)["protection"] == expected
    assert folkeregisteret.read_person(dead)["address"] is None
    moved_out = folkeregisteret.read_person(a_person(**gone))
    assert moved_out["protection"] == "strengtFortrolig", (
        "of the living only what is told now counts"
    )


def test_death_is_told_by_date_or_by_status() -> None:
    by_status = a_person(status=[{"erGjeldende": True, "status": "doed"}])
    by_date = a_person(doedsfall=[{"erGjeldende": True, "doedsdato": "2026-07-01"}])
    annulled = a_person(doedsfall=[{"erGjeldende": False, "doedsdato": "2026-07-01"}])
    assert folkeregisteret.read_person(by_status)["dead"]
    assert folkeregisteret.read_person(by_date)["dead"]
    assert not folkeregisteret.read_person(annulled)["dead"]


def test_unknown_words_and_extra_fields_are_let_through() -> None:
    document = a_person(status=[{"erGjeldende": True, "status": "heltNy", "mer": 1}], nyDel=[{}])
    assert folkeregisteret.read_person(document)["status"] == "heltNy"


@pytest.mark.parametrize(
    "text",
    [
        "2023-06-29T10:14:52+02",
        "2023-06-29T08:14:52Z",
        "2023-06-29T08:14:52.000000000Z",
        "2023-06-29T10:14:52.0+02:00",
    ],
)
def test_time_stamps_of_all_kinds_are_one_instant(text: str) -> None:
    assert instant(text) == dt.datetime(2023, 6, 29, 8, 14, 52, tzinfo=dt.UTC)


def test_a_time_stamp_that_cannot_be_read_is_refused() -> None:
    assert instant(None) is None
    with pytest.raises(WireError):
        instant("yesterday")


def test_contact_points_age_by_the_channel() -> None:
    info = {
        "epostadresse": "a@example.org",
        "epostadresse_oppdatert": "2020-01-01T00:00:00+01",
        "epostadresse_sist_verifisert": "2025-02-01T00:00:00.000Z",
        "mobiltelefonnummer": "+4799",
        "mobiltelefonnummer_oppdatert": "2025-01-31T12:00:00+01",
    }
    entry = {"status": "AKTIV", "reservasjon": "NEI", "kontaktinformasjon": info}
    contact = krr.read_contact(entry, ON)
    assert contact["email_usable"] is True
    assert contact["mobile_usable"] is False


def test_an_unknown_word_about_reservation_is_read_as_reserved() -> None:
    contact = krr.read_contact({"status": "NY", "reservasjon": "KANSKJE"}, ON)
    assert (contact["reserved"], contact["can_be_notified"]) == (True, False)


def test_a_negative_correction_lowers_the_amount_and_is_no_payment() -> None:
    income = [
        {"beloep": amount, "loennsinntekt": {"beskrivelse": "fastloenn"}} for amount in (900, -200)
    ]
    statement = {"opplysningspliktigId": "1", "kalendermaaned": "2026-08", "inntekt": income}
    (item,) = skatteetaten._read_statements({"oppgaveInntektsmottaker": [statement]}, "2026-08")
    assert (item.amount, item.payments) == (700, 1)


def test_net_wealth_is_worked_out_when_it_is_not_stated() -> None:
    lines = [
        {"tekniskNavn": "innskudd", "beloep": 900, "kategori": ["formue"]},
        {"tekniskNavn": "gjeldIInnenlandskeBanker", "beloep": 200, "kategori": "formuesfradrag"},
    ]
    assert (
        skatteetaten.read_settlement({"inntektsaar": "2025", "grunnlag": lines}, 2025)["net_wealth"]
        == 700
    )
    stated = [
        {"tekniskNavn": "bruttoformue", "beloep": 900},
        {"tekniskNavn": "samletGjeld", "beloep": 1000},
    ]
    assert (
        skatteetaten.read_settlement({"inntektsaar": "2025", "grunnlag": stated}, 2025)[
            "net_wealth"
        ]
        == -100
    )


def test_a_settlement_of_another_year_is_refused() -> None:
    with pytest.raises(WireError):
        skatteetaten.read_settlement({"inntektsaar": "2024", "grunnlag": []}, 2025)


def test_a_benefit_counts_on_its_first_and_its_last_day() -> None:
    entry = {
        "ytelser": [{"ytelse": "alderspensjon", "fraOgMed": "2026-08-01", "tilOgMed": "2026-08-31"}]
    }
    days = [
        (dt.date(2026, 7, 31), False),
        (ON, True),
        (dt.date(2026, 8, 31), True),
        (dt.date(2026, 9, 1), False),
    ]
    for day, counts in days:
        assert nav.read_benefits(entry, day)["old_age_pension"] is counts


@pytest.mark.parametrize(
    ("text", "days"), [("P1D", 1.0), ("P3W", 21.0), ("PT2H", 1 / 12), ("PT0S", 0.0), ("P1M", 28.0)]
)
def test_fresh_for_is_read_as_a_duration(text: str, days: float) -> None:
    declaration = Declaration("p", "1", "n", "nav.benefits", "law", "why", fresh_for=text)
    assert declaration.keeps_for == dt.timedelta(days=days)


def test_a_declaration_says_what_it_lacks() -> None:
    assert Declaration("p", "1", "n", "nav.benefits", " ", "why").lacks() == "legal_basis"
    assert Declaration("p", "1", "n", "nav.benefits", "law", "why").lacks() == ""


def test_batches_hold_each_person_once() -> None:
    people = [NationalId(f"{n:011}", "synthetic_fnr") for n in range(25)]
    batches = chunks([*people, *people], 10)
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert [person for batch in batches for person in batch] == people


def test_found_shows_no_data_when_printed() -> None:
    from samspill.registers.domain import Found, PersonChange

    found = Found({"national_id": NUMBER}, "NAV", dt.datetime.now(dt.UTC), "ab")
    assert NUMBER not in repr(found)
    assert NUMBER not in repr(PersonChange(1, NUMBER, "x", None))


# -- anything at all in the place of anything: an answer or a WireError, nothing else ---------------------

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
_LOAN = {
    "laangiver": "Husbanken",
    "renterAar": 1,
    "avdragAar": 2,
    "gebyrerAar": 3,
    "andelBolig": 0.5,
}
_INCOME = {"beloep": 1, "loennsinntekt": {"beskrivelse": "bonus"}}
_SAMPLES: list[tuple[Any, Any]] = [
    (folkeregisteret.read_person, a_person()),
    (
        folkeregisteret.read_household,
        {
            "medlemmer": [
                {
                    "foedselsEllerDNummer": NUMBER,
                    "navn": {"fornavn": "A", "etternavn": "B"},
                    "foedselsdato": "1990-01-01",
                    "status": "bosatt",
                    "sivilstand": "gift",
                    "rolle": "ektefelleEllerPartner",
                    "registrertFra": "2020-01-01",
                    "deltBosted": False,
                    "graderingsnivaa": "ugradert",
                }
            ]
        },
    ),
    (
        lambda d: skatteetaten._read_statements(d, "2026-08"),
        {
            "oppgaveInntektsmottaker": [
                {"opplysningspliktigId": "1", "kalendermaaned": "2026-08", "inntekt": [_INCOME]}
            ]
        },
    ),
    (
        lambda d: skatteetaten.read_settlement(d, 2025),
        {
            "inntektsaar": "2025",
            "grunnlag": [{"tekniskNavn": "x", "beloep": 1, "kategori": "formue"}],
        },
    ),
    (
        lambda d: nav.read_benefits(d, ON),
        {
            "ytelser": [
                {"ytelse": "ufoeretrygd", "fraOgMed": "2020-01-01", "tilOgMed": None, "varig": True}
            ]
        },
    ),
    (
        lanekassen.read_student,
        {"student": True, "rettTilStoette": True, "fraOgMed": "2026-08-01", "paabegyntAar": 2026},
    ),
    (
        matrikkelen.read_dwelling,
        {
            "adresseIdentifikator": "1",
            "bygningstype": {"kode": "111", "navn": "x"},
            "godkjentSomBolig": True,
            "fritidsbolig": False,
            "institusjon": False,
            "bad": 1,
            "wc": True,
        },
    ),
    (husbanken.read_loan, _LOAN),
    (
        lambda d: krr.read_contact(d, ON),
        {
            "status": "AKTIV",
            "reservasjon": "NEI",
            "kontaktinformasjon": {
                "epostadresse": "a",
                "epostadresse_oppdatert": "2025-01-01T00:00:00Z",
            },
            "digital_post": {"postkasseadresse": "x"},
        },
    ),
]


def _places(value: Any) -> list[tuple[Any, Any]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    found = []
    for key, child in inner:
        found.append((value, key))
        found += _places(child)
    return found


def _refusal(read: Any, document: Any) -> str:
    try:
        read(document)
    except WireError as error:
        return str(error)
    return ""


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(_SAMPLES), _JSON, st.randoms(use_true_random=False))
def test_any_damage_to_an_answer_is_read_or_refused(sample: Any, junk: Any, choose: Any) -> None:
    read, document = sample
    damaged = copy.deepcopy(document)
    place, key = choose.choice(_places(damaged))
    place[key] = junk
    assert NUMBER not in _refusal(read, damaged)


def test_the_samples_are_sound() -> None:
    for read, document in _SAMPLES:
        assert read(document) is not None
