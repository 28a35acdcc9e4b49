"""What a command says of bad input, in the language of its environment; `code` and `where` are the same in all."""

from __future__ import annotations

import io
import json
import sys

import pytest

from samspill.site.cli import language, main

COMPUTE = ["rules", "compute", "bostotte", "--term", "2026-08"]
CASES: list[tuple[list[str], str, str, str, str]] = [
    (["impact", "npv"], '{"x":', "not_json", "inndata er ikke JSON", "inndata er ikkje JSON"),
    (["impact", "npv", "/no/file"], "", "no_file", "kan ikke leses", "kan ikkje lesast"),
    (["impact", "npv"], "[" * 100_000, "nested_too_deep", "inni hverandre", "inni kvarandre"),
    (["impact", "npv"], "9" * 5_000, "number_too_long", "flere sifre", "fleire siffer"),
    (["impact", "npv"], "3", "not_an_object", "skal det stå et objekt", "skal det stå eit objekt"),
    (["impact", "npv"], "{}", "missing_key", "mangler", "manglar"),
    (["impact", "distribution"], '{"kind": "x"}', "", "Velg ett av", "Vel eitt av"),
    (["impact", "learn"], '{"y": [1], "sigma": [1, 2]}', "", "tall", "tal"),
    (["settlement", "tariff"], "{}", "missing_field", "tariff er ikke oppgitt", "tariff er ikkje oppgitt"),
    (["settlement", "share"], "{}", "missing_field", "key er ikke oppgitt", "key er ikkje oppgitt"),
    (["portfolio", "optimise"], "{}", "not_a_list", "liste", "liste"),
    (COMPUTE, "{}", "missing", "er ikke oppgitt", "er ikkje oppgitt"),
    (COMPUTE, '{"kommunenumer": "0301"}', "unknown_key", "Mente du", "Meinte du"),
    (COMPUTE, '{"kommunenummer": "0301", "barn": "x"}', "wrong_type", "en tekst", "ein tekst"),
    (COMPUTE, '{"kommunenummer": "0301", "barn": 1e9}', "too_high", "Det høyeste", "Det høgaste"),
    ([*COMPUTE, "--csv"], "kommunenummer,barn\n0301,x\n", "bad_value", "kan ikke stå", "kan ikkje stå"),
    (["rules", "compute", "nope", "--term", "2026-08"], "", "unknown_package", "ingen pakke", "ingen pakke"),
    (["impact"], "", "bad_usage", "argumentene mangler", "argumenta manglar"),
    (["impact", "npw"], "", "bad_usage", "er ikke et valg", "er ikkje eit val"),
    (["package", "check", "/no/folder"], "", "no_folder", "er ikke en mappe", "er ikkje ei mappe"),
    (["log", "witness", "--key", "k", "ftp://x"], "", "bad_input", "ikke en adresse", "ikkje ei adresse"),
]  # fmt: skip


def answer(monkeypatch, capsys, spoken: str, words: list[str], given: str) -> dict[str, str]:
    monkeypatch.setenv("SAMSPILL_LANGUAGE", spoken)
    monkeypatch.setattr(sys, "stdin", io.StringIO(given))
    assert main(words) == 2
    said = capsys.readouterr()
    error = json.loads(said.out)["error"]
    assert error["message"] in said.err
    assert error["remedy"] in said.err
    assert "Traceback" not in said.err
    return error


@pytest.mark.parametrize(("words", "given", "code", "bokmal", "nynorsk"), CASES)
def test_what_is_wrong_is_said_in_the_readers_language(
    monkeypatch, capsys, words, given, code, bokmal, nynorsk
):
    nb, nn, en = (answer(monkeypatch, capsys, one, words, given) for one in ("nb", "nn", "en"))
    assert bokmal in f"{nb['message']} {nb['remedy']}"
    assert nynorsk in f"{nn['message']} {nn['remedy']}"
    assert nb["message"] != en["message"] != nn["message"]
    assert "%(" not in json.dumps([nb, nn, en])
    for one in (nb, nn):
        assert (one["code"], one["where"]) == (en["code"], en["where"])
    assert en["code"] == code or not code


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "nb_NO.UTF-8"}, "nb"),
        ({"LANG": "no_NO"}, "nb"),
        ({"LANG": "nb_NO.UTF-8", "LC_ALL": "nn_NO"}, "nn"),
        ({"LC_ALL": "", "LANG": "nn"}, "nn"),
        ({"LC_ALL": "nn_NO", "SAMSPILL_LANGUAGE": "en"}, "en"),
        ({"SAMSPILL_LANGUAGE": "de", "LANG": "nb_NO"}, "en"),
    ],
)
def test_the_language_is_that_of_the_setting_and_else_of_the_terminal(environment, spoken):
    assert language.language(environment) == spoken


def test_a_key_among_the_values_is_not_translated_and_a_percent_sign_is_no_placeholder(monkeypatch):
    monkeypatch.setenv("SAMSPILL_LANGUAGE", "nb")
    told = language.error_object("x", "The key %(key)s is missing.", values={"key": "Name"})
    assert "Name" in told["message"]
    told = language.error_object("x", "100 % of it", remedy="50 %s", values={})
    assert (told["message"], told["remedy"]) == ("100 % of it", "50 %s")
