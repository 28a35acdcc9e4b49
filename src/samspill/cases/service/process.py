"""Walk a case through the package's process: move, open the tasks of the new state, tell the log.

Every move of a case by an employee or a job comes here. The event that leads somewhere is the package's
own; what is asked for is to whom the case should go next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samspill.cases.domain import machine, terms
from samspill.cases.models import Case, Task
from samspill.cases.service import case_answers, scope, stops, storing, views
from samspill.cases.service.plan import term_rules
from samspill.infra import clock
from samspill.infra import events as log
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError, refuse
from samspill.kernel.periods import Month, parse_duration

if TYPE_CHECKING:
    import datetime as dt

    from samspill.infra.events import Event
    from samspill.kernel.actor import Actor
    from samspill.packages.service import Package


def move(
    actor: Actor,
    case: Case,
    package: Package,
    event: str,
    *happened: Event,
    due_on: dt.date | None = None,
) -> None:
    """Make one event of the process happen, in the present transaction.

    Raises:
        RefusedError: `tasks_first`, `wrong_state`, `wrong_role`, `not_now`.
    """
    step = _step(actor, case, package, event)
    if isinstance(step, machine.Denied):
        raise _denied(step)
    _arrive(actor, case, package, step, due_on)
    entry = views.log_entry(case, package, action="write", purpose=f"process: {event}")
    storing.note(actor, [entry], [])
    for one in happened:  # one by one: their order is what happened
        log.append(one, actor=actor)


def towards(
    actor: Actor,
    case: Case,
    package: Package,
    waits_for: str,
    *happened: Event,
    due_on: dt.date | None = None,
) -> None:
    """Bring a case to a state in which somebody else must act, by the first event that can.

    Raises:
        RefusedError: as `move`; `wrong_state` when the process has no such way from here.
    """
    role = scope.process_role(actor)
    denied: machine.Denied | None = None
    for event in machine.events_in(package.process, state=case.state, role=role):
        if not _leads_to(package, case.state, role, event, waits_for):
            continue
        step = _step(actor, case, package, event)
        if isinstance(step, machine.Denied):
            denied = denied or step
        elif step.waiting_for == waits_for:
            move(actor, case, package, event, *happened, due_on=due_on)
            return
    raise _denied(denied or machine.Denied(reason="wrong_state", event=waits_for, state=case.state))


def settle(actor: Actor, case: Case, package: Package, *happened: Event) -> None:
    """Bring the tasks of a case in line with its answers: open what is now due, drop what is not."""
    _align_tasks(case, package)
    case.due_on = _next_deadline(case)
    case.save(update_fields=["due_on"])
    entry = views.log_entry(case, package, action="write", purpose="handle the case")
    storing.note(actor, [entry], happened)


def answer_by(case: Case, package: Package, today: dt.date) -> dt.date:
    """Give the last day to answer: the package's time, and never before the right to correct is lost."""
    given = parse_duration(package.process.information_within).after(today)
    rules = term_rules(package)
    if rules is None:
        return given
    term = Month.of(case.situation_on)
    return max(given, terms.answer_by(today, term, rules, channel=case.channel))


def may(actor: Actor, case: Case, package: Package) -> tuple[str, ...]:
    """List the events that this employee can make happen now, with nothing in the way."""
    role = scope.process_role(actor)
    names = machine.events_in(package.process, state=case.state, role=role)
    return tuple(n for n in names if isinstance(_step(actor, case, package, n), machine.Moved))


def _step(actor: Actor, case: Case, package: Package, event: str) -> machine.Moved | machine.Denied:
    blocks = {task.id for task in package.process.tasks if task.blocks}
    open_tasks = case.tasks.filter(state="open").values_list("key", flat=True)
    return machine.move(
        package.process,
        state=case.state,
        event=event,
        role=scope.process_role(actor),
        open_blocking_tasks=_in_the_way(package, case, event, blocks, open_tasks),
        is_met=case_answers.conditions(case, package),
    )


def _in_the_way(
    package: Package, case: Case, event: str, blocks: set[str], open_tasks: Any
) -> list[str]:
    """List the open tasks that hold the case; asking the applicant, or an end, waits for no task."""
    targets = [
        t.to
        for t in package.process.transitions
        if t.event == event and case.state in t.from_states
    ]
    states = package.process.states
    if targets and all(states[to].waits_for == "applicant" or states[to].final for to in targets):
        return []
    names = dict.fromkeys(key.split(":", 1)[0] for key in open_tasks)
    return [name for name in names if name in blocks]


def _leads_to(package: Package, state: str, role: str, event: str, waits_for: str) -> bool:
    return any(
        t.event == event
        and state in t.from_states
        and role in t.by
        and package.process.states[t.to].waits_for == waits_for
        for t in package.process.transitions
    )


def _arrive(
    actor: Actor, case: Case, package: Package, step: machine.Moved, due_on: dt.date | None
) -> None:
    case.state, case.waiting_for = step.state, step.waiting_for
    if step.final:
        stops.stop_many([(stops.facts_of(case), "ended")], actor)
        case.refresh_from_db()
        return
    _align_tasks(case, package)
    case.due_on = due_on or _next_deadline(case)
    case.handler_id = None
    case.revision += 1
    case.changed_at = clock.now()
    case.save(
        update_fields=["state", "waiting_for", "due_on", "handler_id", "revision", "changed_at"]
    )


def _align_tasks(case: Case, package: Package) -> None:
    """Open the tasks that the package now wants, and drop open ones that it no longer does.

    A task that was dropped is opened anew when it is wanted again; one that was done stays done.
    """
    wanted = dict(case_answers.due_tasks(case, package))
    unwanted = case.tasks.filter(state="open").exclude(key__in=wanted)
    unwanted.update(state="dropped", done_at=clock.now())
    kept = set(case.tasks.exclude(state="dropped").values_list("key", flat=True))
    today = clock.today()
    Task.objects.bulk_create(
        Task(
            id=new_id(),
            case=case,
            key=key,
            role=spec.role,
            due_on=parse_duration(spec.deadline).after(today) if spec.deadline else None,
            opened_at=clock.now(),
        )
        for key, spec in wanted.items()
        if key not in kept
    )


def _next_deadline(case: Case) -> dt.date | None:
    dates = case.tasks.filter(state="open", due_on__isnull=False).values_list("due_on", flat=True)
    return min((day for day in dates if day is not None), default=None)


def _denied(denied: machine.Denied) -> RefusedError:
    texts = {
        "open_tasks": (
            "tasks_first",
            "These tasks must be done first: %(allowed)s.",
            "Do the tasks, and try again.",
        ),
        "wrong_role": (
            "wrong_role",
            "This is done by others: %(allowed)s.",
            "Leave it to them.",
        ),
        "unmet": (
            "not_now",
            "The case does not meet the condition for this step.",
            "See what the service asks for in this state.",
        ),
    }
    code, message, remedy = texts.get(
        denied.reason,
        (
            "wrong_state",
            "This cannot be done while the case is in the state %(state)s.",
            "Load the case again and see what can be done now.",
        ),
    )
    values = {"allowed": ", ".join(denied.allowed), "state": denied.state, "event": denied.event}
    return refuse(code, message, where=denied.event, remedy=remedy, values=values, status=409)
