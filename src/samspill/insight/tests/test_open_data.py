"""Open data as those who fetch them meet them."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.test import Client

from samspill.insight import service
from samspill.insight.domain import catalogue
from samspill.insight.domain.datasets import Dataset, Field
from samspill.insight.service import memory, opening
from samspill.insight.tests import builders
from samspill.settlement import service as settlement
from samspill.settlement.tests.builders import an_agreement


@pytest.fixture(autouse=True)
def _nothing_remembered():
    service.forget()
    yield
    service.forget()


@pytest.fixture
def full(db: None) -> None:
    builders.a_whole_story()


@pytest.mark.usefixtures("full")
def test_every_csv_has_its_header_and_whole_rows_and_says_the_same_as_the_json(client: Client):
    for name, offer in opening.offers().items():
        answer = client.get(f"/data/{name}.csv")
        assert answer["Content-Type"].startswith("text/csv")
        assert answer["Access-Control-Allow-Origin"] == "*"
        rows = list(csv.reader(io.StringIO(answer.content.decode())))
        made = offer.make()
        assert rows[0] == [field.name for field in made.fields], name
        assert {len(row) for row in rows} == {len(made.fields)}, name
        told = json.loads(client.get(f"/data/{name}.json").content)
        assert [one["name"] for one in told["columns"]] == rows[0]
        assert len(told["rows"]) == len(rows) - 1
        assert told["licence"] == catalogue.LICENCE
        assert told["title"]


@pytest.mark.usefixtures("full")
def test_what_each_party_has_said_is_given_with_its_figures():
    rows = {name: opening.offers()[name].make().records() for name in ("uenighet", "relevans")}
    assert [(one["owner"], one["ks"], one["unit"]) for one in rows["uenighet"]] == [
        (12e6, 30e6, "NOK")
    ]
    assert {(one["side"], one["verdict"], one["criteria"]) for one in rows["relevans"]} == {
        ("owner", "minor", "changes_work"),
        ("ks", "material", "changes_work"),
    }
    answers = opening.offers()["seks-sporsmal"].make().records()
    assert {one["question"]: one["language"] for one in answers} == {
        "problem": "nb",
        "effects": "nb",
    }


@pytest.mark.django_db
def test_every_party_of_an_agreement_that_is_put_forward_is_given_to_the_ore():
    view = an_agreement()
    given = opening.offers()["avtaler"].make().records()
    shown = settlement.get(view.id)
    assert {one["party"]: (one["share_ore"], one["net_ore"]) for one in given} == {
        one.party: (one.share, one.net) for one in shown.parties
    }
    assert given


@pytest.mark.usefixtures("full")
def test_the_key_of_every_set_tells_its_rows_apart():
    for name, offer in opening.offers().items():
        made = offer.make()
        places = [[field.name for field in made.fields].index(column) for column in made.key]
        keys = [tuple(row[place] for place in places) for row in made.rows]
        assert len(keys) == len(set(keys)), name


@pytest.mark.usefixtures("full")
def test_the_values_are_of_the_kind_the_column_says():
    kinds = {"integer": int, "number": (int, float), "boolean": bool, "string": str}
    for name, offer in opening.offers().items():
        made = offer.make()
        for row in made.rows:
            for field, value in zip(made.fields, row, strict=True):
                if value is not None and field.kind in kinds:
                    assert isinstance(value, kinds[field.kind]), (name, field.name, value)


@pytest.mark.usefixtures("full")
def test_the_catalogue_is_json_ld_in_dcat_terms_and_every_address_in_it_answers(client: Client):
    answer = client.get("/data/katalog.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    found = json.loads(answer.content)
    assert found["@context"]["dcat"] == "http://www.w3.org/ns/dcat#"
    assert found["@type"] == "dcat:Catalog"
    assert {one["@language"] for one in found["dct:title"]} == {"nb", "nn", "en"}
    assert {"dct:description", "dct:publisher", "dct:identifier", "dcat:contactPoint"} <= set(found)
    assert len(found["dcat:dataset"]) == len(opening.offers())
    for dataset in found["dcat:dataset"]:
        mandatory = {
            "dct:title",
            "dct:description",
            "dct:publisher",
            "dct:identifier",
            "dcat:contactPoint",
            "dcat:theme",
        }
        assert mandatory <= set(dataset)
        for file in dataset["dcat:distribution"]:
            assert {"dcat:accessURL", "dct:license", "dct:format"} <= set(file)
            path = "/data/" + file["dcat:downloadURL"]["@id"].split("/data/")[1]
            assert client.get(path).status_code == 200


def test_every_term_of_the_catalogue_is_in_its_context():
    """A prefix without a meaning would be an address of nothing."""
    entry = catalogue.Entry(
        name="x", title={"en": "X"}, description={"en": "X"}, keywords={"en": ["x"]}, theme="GOVE",
        files={"csv": "https://example.org/x.csv"},
    )  # fmt: skip
    import datetime as dt

    made = catalogue.catalogue(
        address="https://example.org/data/", title={"en": "T"}, description={"en": "D"},
        publisher=catalogue.Publisher(name={"en": "P"}, email="a@example.org", org_no="991825827"), entries=[entry],
        modified=dt.date(2026, 1, 1),
    )  # fmt: skip
    prefixes = set(made["@context"])

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                assert key.startswith("@") or key.split(":")[0] in prefixes, key
                if key == "@type":
                    assert str(value).split(":")[0] in prefixes
                if key != "@context":
                    walk(value)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(made)


def test_csv_quotes_what_must_be_quoted_and_disarms_formulas():
    made = Dataset(
        name="x",
        fields=[Field(name="a"), Field(name="b", kind="number"), Field(name="c", kind="boolean")],
        rows=[('say "hi", you', 1.5, True), ("=1+1", None, False), ("line\nbreak", 1e-7, None)],
        key=("a",),
    )
    rows = list(csv.reader(io.StringIO(made.csv())))
    assert rows[1:] == [
        ['say "hi", you', "1.5", "true"],
        ["'=1+1", "", "false"],
        ["line\nbreak", "1e-07", ""],
    ]


def test_a_row_of_the_wrong_length_is_a_fault_of_ours():
    with pytest.raises(ValueError, match="2 values for 1 columns"):
        Dataset(name="x", fields=[Field(name="a")], rows=[("a", "b")], key=("a",))


@pytest.mark.usefixtures("full")
def test_the_page_of_all_sets_makes_none_of_them(client: Client):
    client.get("/data/")
    made = {key[0] for key in memory._KEPT}
    assert not {name for name in made if name.endswith(("._made", ".stories"))}


@pytest.mark.usefixtures("full")
def test_every_set_has_the_columns_that_its_page_says():
    for offer in opening.offers().values():
        assert list(offer.make().fields) == list(offer.fields), offer.name
