"""Open the tasks that a package declares for the state a case has come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from samspill.cases.models import Case, Task
from samspill.cases.service.values import DraftView
from samspill.identity import service as identity
from samspill.infra import clock
from samspill.kernel.ids import NationalId, new_id
from samspill.kernel.periods import parse_duration
from samspill.packages import service as packages

if TYPE_CHECKING:
    from collections.abc import Iterable

_Due = tuple[str, packages.Task]


def opened(package: packages.Package, case: Case, view: DraftView) -> list[Task]:
    """Give the unsaved tasks of a case that has just come to its state.

    A task whose condition cannot be answered yet is opened: a person then sees what is unknown.
    """
    today = clock.today()
    due = by_our_own_ids(
        package,
        packages.due_tasks(
            package,
            case.state,
            view.answers,
            view.facts,
            on=view.situation_on,
            channel=case.channel,
        ),
    )
    return [
        Task(
            id=new_id(),
            case_id=case.id,
            key=key,
            role=task.role,
            due_on=parse_duration(task.deadline).after(today) if task.deadline else None,
            opened_at=clock.now(),
        )
        for key, task in due
    ]


def by_our_own_ids(package: packages.Package, due: Iterable[_Due]) -> list[_Due]:
    """Name the rows of tasks by our own id of the person: a key goes where an identity number must not.

    >>> by_our_own_ids(None, [("approve", None)])
    [('approve', None)]
    """
    found = list(due)
    numbers = {key: _number(package, key, task) for key, task in found if ":" in key}
    wanted = [number for number in numbers.values() if number is not None]
    persons = identity.person_ids_for(wanted) if wanted else {}
    return [
        (f"{task.id}:{persons[number]}" if (number := numbers.get(key)) is not None else key, task)
        for key, task in found
    ]


def _number(package: packages.Package, key: str, task: packages.Task) -> NationalId | None:
    rows = package.fields[task.for_each or ""]
    spec = rows.fields.get(rows.key or "")
    if spec is None or spec.type != "national_id":
        return None
    number = NationalId.parse(
        key.split(":", 1)[1],
        allow_synthetic=settings.SAMSPILL["allow_synthetic"],
        allow_real=settings.SAMSPILL["allow_real"],
    )
    return number if isinstance(number, NationalId) else None
