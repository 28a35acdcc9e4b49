"""A submitted case as the package sees it: its answers with what was added later, evaluated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samspill.cases.domain import places, protection
from samspill.cases.service import pins, prefill, rows, views
from samspill.kernel.periods import oslo_date
from samspill.packages import service as packages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from samspill.cases.models import Case
    from samspill.packages.service import Evaluation, Package, Task


def answers_of(case: Case) -> dict[str, Any]:
    """Give the answers as they count now: what was signed, and on top what was amended.

    A place is left out where the address is protected, also one stored before the grade came (SP-26).
    """
    answers = {**case.application.answers, **case.amended}
    if not protection.hides_address(case.protection):
        return answers
    return places.answers_without(answers, views.hidden_fields(pins.pinned(case)))


def facts_of(case: Case) -> dict[str, Any]:
    """Give what the registers said when the application was sent."""
    facts = prefill.known_facts(
        {n: e for n, e in case.application.facts.items() if isinstance(e, dict) and "status" in e}
    )
    hidden = protection.hides_address(case.protection)
    return protection.without_places(facts) if hidden else facts


def evaluate(case: Case, package: Package, *, language: str | None = None) -> Evaluation:
    """Judge a case by its package: pages, what is missing, what is wrong, what differs from registers."""
    answers = answers_of(case)
    return packages.evaluate(
        package,
        answers,
        facts_of(case),
        on=case.situation_on,
        language=language or case.language,
        documents=tuple(case.attachments.values_list("document", flat=True).distinct()),
        settings=_settings(case),
        channel=case.channel,
        today=oslo_date(case.submitted_at),
        row_names=rows.names_of(package, answers),
        notes=False,
    )


def due_tasks(case: Case, package: Package) -> list[tuple[str, Task]]:
    """List the tasks that the package wants in the case's state."""
    answers = answers_of(case)
    return packages.due_tasks(
        package,
        case.state,
        answers,
        facts_of(case),
        on=case.situation_on,
        channel=case.channel,
        row_names=rows.names_of(package, answers),
    )


def conditions(case: Case, package: Package) -> Callable[[str], bool]:
    """Give what answers a condition of the process for this case; an unknown one is not met."""

    def is_met(condition: str) -> bool:
        return (
            packages.is_met(
                package,
                condition,
                answers_of(case),
                facts_of(case),
                on=case.situation_on,
                channel=case.channel,
            )
            is True
        )

    return is_met


def _settings(case: Case) -> Mapping[str, Any] | None:
    if case.municipality_id is None:
        return None
    return packages.settings_for(case.package_id, case.municipality_id, case.situation_on).values
