"""Hear an applicant before a case that goes on by itself is rejected for what a register has changed.

Somebody in the household is no longer registered: the applicant did nothing wrong and was told nothing. The
package says for which codes, and about which fields, they are asked first (`terms.ask_first`; forvaltningsloven
§§ 16 and 17). They are asked once for a term; without an answer in time the rules decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from samspill.cases import events
from samspill.cases.domain import terms
from samspill.cases.models import Case, InformationRequest
from samspill.cases.service import decisions, process, stops, storing, term_inputs, views
from samspill.infra import clock
from samspill.kernel.outcome import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from samspill.cases.service.ruling import Ruling
    from samspill.cases.service.term_inputs import Prepared
    from samspill.kernel.actor import Actor
    from samspill.packages.service import Field, Package

    Pair = tuple[Prepared, decisions.Decided]

_BY_ITSELF = ("carried", "retest")


def first(
    ruling: Ruling, decided: Sequence[Pair], actor: Actor
) -> tuple[list[Pair], list[Prepared]]:
    """Ask those who must be heard, and give what is decided and what now waits for an answer.

    In the present transaction, with the cases locked.
    """
    about = {item.work.case.case_id: _items(ruling, item, d) for item, d in decided}
    wanted = {case_id: items for case_id, items in about.items() if items}
    for case_id in _heard(ruling, wanted):
        del wanted[case_id]
    for case in Case.objects.filter(pk__in=wanted).order_by("pk"):
        _ask(ruling, case, wanted[case.pk], actor)
    waiting = [item for item, _ in decided if item.work.case.case_id in wanted]
    return [pair for pair in decided if pair[0].work.case.case_id not in wanted], waiting


def _heard(ruling: Ruling, wanted: Mapping[UUID, Any]) -> set[UUID]:
    if not wanted:
        return set()
    asked = InformationRequest.objects.filter(
        case_id__in=wanted, items__contains=[{"term": str(ruling.term)}]
    )
    return set(asked.values_list("case_id", flat=True))


def _items(ruling: Ruling, item: Prepared, decided: decisions.Decided) -> list[dict[str, Any]]:
    package = item.work.case.package
    plan = package.process.terms
    if plan is None or item.work.origin not in _BY_ITSELF:
        return []
    fields = plan.ask_first.get(decided.outcome.code, ())
    if not fields:
        return []
    known = {n: e["data"] for n, e in item.facts.items() if e.get("status") == "found"}
    on = terms.situation_date(ruling.term, ruling.rules)
    answers = term_inputs.current_answers(package, item.work, known, on)
    return [
        {"kind": "field", "id": path, "why_key": f"field.{name}.why", "note": "",
         "answered_at": None, "term": str(ruling.term)}
        for name in fields
        for path in _places(package, name, answers)
    ]  # fmt: skip


def _places(package: Package, name: str, answers: Mapping[str, Any]) -> Iterator[str]:
    """Give where a field stands: once, or in each row of a list that no register knows (any more)."""
    head, _, sub = name.partition(".")
    spec = package.fields[head]
    if spec.type != "list" or not sub:
        yield name
        return
    for number, row in enumerate(answers.get(head) or ()):
        if not _registered(spec, row):
            yield f"{head}[{number}].{sub}"


def _registered(spec: Field, row: Mapping[str, Any]) -> bool:
    return any(
        row.get(sub.id) not in (None, "")
        for sub in spec.fields.values()
        if sub.source == "register"
    )


def _ask(ruling: Ruling, case: Case, items: list[dict[str, Any]], actor: Actor) -> None:
    package = stops.facts_of(case).package
    due_on = terms.answer_by(clock.today(), ruling.term, ruling.rules, channel=case.channel)
    row = InformationRequest.objects.create(
        case=case, items=items, role="system", asked_at=clock.now(), due_on=due_on
    )
    happened = events.InformationRequested(
        **decisions.about(stops.facts_of(case), role="system"),
        request_id=row.id,
        due_on=due_on.isoformat(),
        count=len(items),
    )
    try:
        process.towards(actor, case, package, "applicant", happened, due_on=due_on)
    except RefusedError:  # the process has no such way from here: the question stands all the same
        entry = views.log_entry(case, package, action="write", purpose="ask for what is missing")
        storing.note(actor, [entry], [happened])
