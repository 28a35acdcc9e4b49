"""Measured time beside what was claimed: per step and group, municipality and version of the package.

Times are computed from the events of each case when it is decided, and again when the rule changes; nobody
keeps time. What a package claims (gains.yaml: before) is shown as a claim, with its source, until measured
cases stand beside it. A cell of fewer than five cases shows no figures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from django.db import connection, transaction

from samspill.cases import events
from samspill.cases.domain import gains
from samspill.cases.domain.gains import Baseline, GainRow, Happening, IdleRule, Measure
from samspill.cases.models import Case, StepTime
from samspill.cases.service import stops
from samspill.infra import events as log
from samspill.infra import isolation, sql
from samspill.kernel import spreadsheet
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from samspill.cases.service.decisions import CaseFacts
    from samspill.packages.service import Package

SUBSCRIBER = "cases.step_times"
#: A step may end with any of these; each makes the case's times be counted again.
TYPES = (
    events.ApplicationSubmitted,
    events.CaseReady,
    events.InformationReceived,
    events.DecisionMade,
    events.CaseForwarded,
    events.AppealHandled,
    events.CaseStopped,
)
SMALLEST_CELL = 5
#: What an act counts for that stands alone, and what is left of a pause that was cut.
TAIL_S = 60


@attrs.frozen(kw_only=True)
class GainTable:
    """Hold the lines of the table, the rule of idle time, and the claim with its source and status."""

    package_id: str
    title: str
    rows: tuple[GainRow, ...]
    names: Mapping[str, str]  # municipality number → name
    rule: IdleRule
    baseline: Baseline | None


def count_again(event: log.Stored) -> None:
    """Count the times of the case that an event is about (subscriber; may see an event twice)."""
    if event.key is not None:
        step_times(event.key)


def step_times(case_id: UUID) -> list[StepTime]:
    """Count the times of one case from its events and keep them in place of the old ones."""
    found = sql.read(Case, "WHERE id = %s", [case_id])
    if not found:  # a draft that was never sent
        return []
    case = found[0]
    package = packages.pinned(case.package_id, case.package_version, case.package_sha256)
    happenings = [_happening(event) for event in log.story(case_id)]
    spans = gains.spans(happenings, measures_of(package), rule_of(package))
    rows = _rows(stops.facts_of(case), spans)
    with transaction.atomic():
        StepTime.objects.filter(case_id=case_id).delete()
        return StepTime.objects.bulk_create(rows)


def gain_table(
    package_id: str, *, since: dt.date | None = None, municipality_id: UUID | None = None
) -> GainTable:
    """Give the table of measured time beside the claim.

    Args:
        package_id: the service.
        since: only steps that ended on or after this day.
        municipality_id: only this municipality; all when left out.
    """
    package = packages.published(package_id)
    rows = gains.table(
        _samples(package_id, since, municipality_id),
        baseline_of(package),
        smallest_cell=SMALLEST_CELL,
    )
    found = {row.municipality_no for row in rows if row.municipality_no}
    return GainTable(
        package_id=package_id,
        title=package.text("service.title", "nb"),
        rows=tuple(rows),
        names={number: name for number in found if (name := _name(number))},
        rule=rule_of(package),
        baseline=baseline_of(package),
    )


def gain_csv(table: GainTable) -> Iterator[str]:
    """Give the table as CSV: the rule and the claim's source stand in every line, so that no figure travels alone."""
    names = [field.name for field in attrs.fields(GainRow)]
    yield spreadsheet.line([*names, "idle_rule", "claim_source", "claim_status"])
    claim = table.baseline
    for row in table.rows:
        values = ["" if v is None else v for v in attrs.astuple(row)]
        source = (claim.source, claim.status) if claim and row.before_minutes else ("", "")
        yield spreadsheet.line([*values, table.rule.name, *source])


def measures_of(package: Package) -> list[Measure]:
    """Give the steps that the package measures, and the whole case."""
    own = package.gains.measures if package.gains is not None else ()
    return [
        gains.WHOLE_CASE,
        *(
            Measure(name=m.name, from_event=m.from_event, to_event=m.to_event, role=m.role)
            for m in own
        ),
    ]


def rule_of(package: Package) -> IdleRule:
    """Give the rule of idle time that the package states."""
    idle = package.gains.idle_after if package.gains is not None else "PT15M"
    return IdleRule(
        name=f"idle_after {idle}, tail PT{TAIL_S}S",
        cutoff_s=gains.parse_pause(idle),
        tail_s=TAIL_S,
        source="gains.yaml: idle_after",
    )


def baseline_of(package: Package) -> Baseline | None:
    """Give what the package claims that a case took before."""
    claim = package.gains
    if claim is None:
        return None
    minutes = {
        "municipality": claim.minutes_municipality,
        "agency": claim.minutes_agency,
        "citizen": claim.minutes_citizen,
    }
    return Baseline(minutes=minutes, source=claim.source, status=claim.status)


def _happening(event: log.Stored) -> Happening:
    role = str(event.body.get("role", ""))
    return Happening(at=event.at, name=event.type, role=role, actor=role)


def _rows(case: CaseFacts, spans: Sequence[gains.Span]) -> list[StepTime]:
    count: dict[tuple[str, str], int] = {}
    rows = []
    for span in spans:
        key = (span.role, span.measure)
        count[key] = count.get(key, 0) + 1
        rows.append(
            StepTime(
                case_id=case.case_id,
                package_id=case.package.id,
                package_version=case.package.version,
                municipality_id=case.shown_municipality,
                role=span.role,
                step=span.measure,
                sequence=count[key],
                started_at=span.started_at,
                ended_at=span.ended_at,
                active_seconds=span.active_s,
                cut_seconds=span.cut_s,
            )
        )
    return rows


def _samples(
    package_id: str, since: dt.date | None, municipality_id: UUID | None
) -> Iterator[gains.Sample]:
    """Read the measured steps; a case without a municipality is in no table (it may be in the compartment)."""
    with isolation.wider("figures"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT municipality_id, package_version, step, role, sum(active_seconds) "
            "FROM cases_steptime WHERE package_id = %s AND municipality_id IS NOT NULL "
            "AND (%s::date IS NULL OR ended_at >= %s::date) "
            "AND (%s::uuid IS NULL OR municipality_id = %s) "
            "GROUP BY case_id, municipality_id, package_version, step, role",
            [package_id, since, since, municipality_id, municipality_id],
        )
        rows = cursor.fetchall()
    numbers = {row[0]: _number(row[0]) for row in rows}
    for municipality, version, step, role, seconds in rows:
        yield gains.Sample(
            municipality_no=numbers[municipality],
            package_version=version,
            measure=step,
            role=role,
            active_s=int(seconds),
        )


def _number(municipality_id: UUID) -> str:
    found = municipalities.by_id(municipality_id)
    return found.number if found is not None else ""


def _name(number: str) -> str:
    found = municipalities.current(number)
    return found.name if isinstance(found, municipalities.Municipality) else ""
