"""The register: who may register, change, publish and read, and that every version stays."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from samspill.kernel.outcome import RefusedError
from samspill.portfolio import service
from samspill.portfolio.models import Initiative, InitiativeVersion, Transition
from samspill.portfolio.tests.builders import (
    CITIZEN,
    HUSBANKEN,
    KS_COORDINATOR,
    MINISTRY,
    OTHER_OWNER,
    OWNER,
    SECRETARIAT,
    an_assessment,
    an_initiative,
)

pytestmark = pytest.mark.django_db


def code_of(error: pytest.ExceptionInfo[RefusedError]) -> str:
    return error.value.refused.code


def test_an_owner_registers_and_the_first_version_is_kept() -> None:
    made = an_initiative()
    assert (made.state, made.version, made.owner_org_no) == ("registered", 1, HUSBANKEN)
    assert made.slug == "bostotte-pa-nett"
    kept = InitiativeVersion.objects.get(initiative_id=made.id)
    assert kept.body["questions"]["problem"] == "Answer on problem."
    assert [one.to for one in Transition.objects.filter(initiative_id=made.id)] == ["registered"]


@pytest.mark.parametrize("actor", [KS_COORDINATOR, MINISTRY, SECRETARIAT, CITIZEN])
def test_nobody_else_registers(actor) -> None:
    with pytest.raises(RefusedError) as error:
        an_initiative(actor)
    assert code_of(error) == "role_needed"


def test_two_of_the_same_title_get_addresses_of_their_own() -> None:
    assert an_initiative().slug != an_initiative().slug


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"title": " "}, "title"),
        ({"legal": "duty"}, "legal_reference"),
        ({"legal": "perhaps"}, "legal"),
        ({"questions": {"seventh": "?"}}, "questions.seventh"),
        ({"packages": [{"package_id": "Bad Id", "change": "creates"}]}, "packages[0]"),
        ({"references": [{"title": "x", "url": "javascript:alert(1)"}]}, "references[0]"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_refused_with_its_place(values, where) -> None:
    with pytest.raises(RefusedError) as error:
        an_initiative(**values)
    assert error.value.refused.where == where
    assert Initiative.objects.count() == 0


def test_a_change_makes_a_version_and_the_old_one_stays() -> None:
    made = an_initiative()
    changed = service.edit(OWNER, initiative_id=made.id, values={"title": "Ny tittel"})
    assert (changed.version, changed.slug) == (2, made.slug)
    titles = InitiativeVersion.objects.order_by("number").values_list("body__title", flat=True)
    assert list(titles) == ["Bostøtte på nett", "Ny tittel"]


def test_the_same_change_again_makes_no_version() -> None:
    made = an_initiative()
    for _ in range(2):
        again = service.edit(OWNER, initiative_id=made.id, values={"title": "Ny tittel"})
    assert again.version == 2


def test_an_old_revision_is_told_so() -> None:
    made = an_initiative()
    service.edit(OWNER, initiative_id=made.id, values={"title": "Først"}, revision=made.revision)
    with pytest.raises(RefusedError) as error:
        service.edit(OWNER, initiative_id=made.id, values={"title": "Sist"}, revision=made.revision)
    assert code_of(error) == "changed_meanwhile"


def test_another_agency_neither_sees_nor_changes_a_working_paper() -> None:
    made = an_initiative()
    for act in (
        lambda: service.get(made.id, actor=OTHER_OWNER),
        lambda: service.edit(OTHER_OWNER, initiative_id=made.id, values={"title": "x"}),
        lambda: service.get(made.slug),
    ):
        with pytest.raises(RefusedError) as error:
            act()
        assert code_of(error) == "not_found"


def test_a_published_initiative_is_read_by_everybody_and_changed_with_a_reason() -> None:
    made = an_initiative()
    service.publish(OWNER, initiative_id=made.id)
    first = service.publish(OWNER, initiative_id=made.id).published_at
    assert service.get(made.slug).published_at == first
    assert [one.id for one in service.list_initiatives().items] == [made.id]
    with pytest.raises(RefusedError) as error:
        service.edit(OWNER, initiative_id=made.id, values={"title": "Ny"})
    assert code_of(error) == "reason_needed"
    with pytest.raises(RefusedError) as error:
        service.edit(OTHER_OWNER, initiative_id=made.id, values={"title": "Ny"})
    assert code_of(error) == "not_owner"
    service.edit(OWNER, initiative_id=made.id, values={"title": "Ny"}, reason="Clearer title.")
    assert service.story(made.slug).versions[-1].text == "Clearer title."


def test_requirements_never_come_back_to_where_they_began() -> None:
    a, b, c = (an_initiative(title=f"Tiltak {n}") for n in "abc")
    service.edit(OWNER, initiative_id=a.id, values={"requires": [b.id]})
    service.edit(OWNER, initiative_id=b.id, values={"requires": [c.id]})
    with pytest.raises(RefusedError) as error:
        service.edit(OWNER, initiative_id=c.id, values={"requires": [a.id]})
    assert code_of(error) == "requires_cycle"
    with pytest.raises(RefusedError) as error:
        service.edit(OWNER, initiative_id=a.id, values={"excludes": [c.id]})
    assert code_of(error) == "contradiction"
    assert service.get(c.id, actor=OWNER).requires == []


def test_a_link_taken_away_is_still_in_the_version_that_had_it() -> None:
    a, b = (an_initiative(title=f"Tiltak {n}") for n in "ab")
    service.edit(OWNER, initiative_id=a.id, values={"requires": [b.id]})
    again = service.edit(OWNER, initiative_id=a.id, values={"requires": []})
    assert again.requires == []
    bodies = [one.body["requires"] for one in service.story(a.id, actor=OWNER).versions]
    assert bodies == [[], [b.slug], []]


def test_nothing_is_deleted_or_rewritten() -> None:
    made = an_initiative()
    for statement in (
        "DELETE FROM portfolio_initiative",
        "UPDATE portfolio_initiativeversion SET reason = 'x'",
        "DELETE FROM portfolio_transition",
        "UPDATE portfolio_initiative SET state = 'decided'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert service.get(made.id, actor=OWNER).state == "registered"


def test_the_list_is_read_page_by_page_and_by_filter() -> None:
    for n in range(5):
        made = an_initiative(title=f"Tiltak {n}", sector="health" if n % 2 else "housing")
        service.publish(OWNER, initiative_id=made.id)
    filters = service.Filters(size=2)
    seen, after = [], None
    while True:
        page = service.list_initiatives(filters, after=after)
        seen += [one.title for one in page.items]
        after = page.after
        if after is None:
            break
    assert seen == [f"Tiltak {n}" for n in range(5)]
    health = service.list_initiatives(service.Filters(sector="health"))
    assert [one.title for one in health.items] == ["Tiltak 1", "Tiltak 3"]
    assert service.list_initiatives(service.Filters(text="tiltak 4")).items[0].title == "Tiltak 4"


def test_the_same_evidence_twice_is_kept_once_and_another_takes_its_place() -> None:
    made = an_initiative()
    for _ in range(2):
        one = service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=an_assessment())
    assert one.number == 1
    service.deposit(
        OWNER, initiative_id=made.id, kind="assessment", body=an_assessment(assumption_set="2027-1")
    )
    newest = service.evidence(made.id, "assessment", actor=OWNER)
    assert newest is not None
    assert (newest.number, newest.body["assumption_set"]) == (2, "2027-1")
    first, current = service.baselines(made.id, actor=OWNER)
    assert (first.number, current.number) == (1, 2)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"lines": -1}, "body.lines"),
        ({"municipalities": "all"}, "body.municipalities"),
        ({"consulted_on": "soon"}, "body.consulted_on"),
        ({"lines_incomplete": {}}, "body.lines_incomplete"),
        ({"totals": float("nan")}, "body"),
        ({"version": 2}, "body.version"),
    ],
)
def test_evidence_that_cannot_be_read_is_refused(body, where) -> None:
    made = an_initiative()
    with pytest.raises(RefusedError) as error:
        service.deposit(OWNER, initiative_id=made.id, kind="assessment", body=an_assessment(**body))
    assert error.value.refused.where == where


def test_figures_of_ks_are_laid_down_by_ks_alone() -> None:
    made = an_initiative()
    service.publish(OWNER, initiative_id=made.id)
    with pytest.raises(RefusedError) as error:
        service.deposit(OWNER, initiative_id=made.id, kind="ks_figures", body={"totals": {}})
    assert code_of(error) == "role_needed"
    service.deposit(KS_COORDINATOR, initiative_id=made.id, kind="ks_figures", body={"totals": {}})


@pytest.mark.django_db(transaction=True)
def test_two_who_link_at_once_cannot_make_a_cycle_together() -> None:
    a, b = (an_initiative(title=f"Tiltak {n}") for n in "ab")
    outcomes: list[str] = []

    def link(one, other) -> None:
        try:
            service.edit(OWNER, initiative_id=one, values={"requires": [other]})
            outcomes.append("linked")
        except RefusedError as error:
            outcomes.append(error.refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=link, args=pair) for pair in ((a.id, b.id), (b.id, a.id))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["linked", "requires_cycle"]
