"""Open the tasks that a package declares for the state a case has come to."""

from __future__ import annotations

from samspill.cases.models import Case, Task
from samspill.cases.service import rows
from samspill.cases.service.values import DraftView
from samspill.infra import clock, sql
from samspill.kernel.ids import new_id
from samspill.kernel.periods import parse_duration
from samspill.packages import service as packages


def opened(package: packages.Package, case: Case, view: DraftView) -> list[Task]:
    """Give the unsaved tasks of a case that has just come to its state.

    A task whose condition cannot be answered yet is opened: a person then sees what is unknown.
    """
    today = clock.today()
    due = packages.due_tasks(
        package,
        case.state,
        view.answers,
        view.facts,
        on=view.situation_on,
        channel=case.channel,
        row_names=rows.names_of(package, view.answers),
    )
    return [
        sql.new(
            Task,
            id=new_id(),
            case_id=case.id,
            key=key,
            role=task.role,
            due_on=parse_duration(task.deadline).after(today) if task.deadline else None,
            opened_at=clock.now(),
        )
        for key, task in due
    ]
