"""The priority round before the budget: frames, candidates, the suggestion, and what people chose instead."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from samspill.infra.written import Written, in_known_language
from samspill.kernel.ids import new_id


class Round(Written):
    """One round for one budget year: when it closes, and the frames it must keep within."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    budget_year = models.PositiveIntegerField()
    opens_on = models.DateField()
    deadline = models.DateField()
    #: [{payer, year, plan_nok, commitment_nok?}]
    budgets = models.JSONField()
    #: [{size_class, year, hours}]: free hours of one municipality of the class
    load_limits = models.JSONField(default=list, blank=True)
    #: {goal: per cent}: what the round asks for, of `domain.goals.ALL`
    objective = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=8, default="open")
    by_org_no = models.CharField(max_length=9)
    opened_at = models.DateTimeField()
    #: The last suggestion, whole: what the optimiser was given and what it answered.
    suggestion = models.JSONField(null=True, blank=True)
    suggested_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        """One round at a time for a budget year."""

        constraints: ClassVar = [
            in_known_language("round"),
            models.CheckConstraint(
                condition=Q(state__in=("open", "decided")), name="round_state_known"
            ),
            models.CheckConstraint(condition=Q(deadline__gte=F("opens_on")), name="round_forwards"),
            models.UniqueConstraint(
                fields=["budget_year"], condition=Q(state="open"), name="round_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | Q(state="decided", decided_at__isnull=False),
                name="round_decided_has_time",
            ),
        ]


class Candidate(models.Model):
    """An initiative in a round, with the figures it was entered with; withdrawn, it stays."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    round = models.ForeignKey(
        Round, on_delete=models.PROTECT, related_name="candidates", db_index=False
    )
    initiative = models.ForeignKey(
        "portfolio.Initiative", on_delete=models.PROTECT, related_name="candidacies"
    )
    version = models.PositiveIntegerField()
    #: The assessment it rests on.
    evidence = models.ForeignKey("portfolio.Evidence", on_delete=models.PROTECT, related_name="+")
    #: {value_nok, plan, commitment, hours, goals, draws}: the shape is told in `service/rounds.py`
    figures = models.JSONField()
    mandatory = models.BooleanField(default=False)
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once in a round."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "initiative"], name="candidate_once"),
        ]


class Choice(Written):
    """What was suggested for a candidate and what people chose, with the reason; never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    round = models.ForeignKey(
        Round, on_delete=models.PROTECT, related_name="choices", db_index=False
    )
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="decision")
    suggested_start = models.PositiveIntegerField(null=True, blank=True)
    chosen_start = models.PositiveIntegerField(null=True, blank=True)
    reason = models.TextField(blank=True, default="")
    by_org_no = models.CharField(max_length=9)
    by_person_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        """Who departs from the suggestion says why."""

        constraints: ClassVar = [
            in_known_language("choice"),
            models.UniqueConstraint(fields=["round", "candidate"], name="choice_once"),
            models.CheckConstraint(
                condition=~Q(reason="")
                | Q(suggested_start=F("chosen_start"))
                | Q(suggested_start__isnull=True, chosen_start__isnull=True),
                name="choice_departing_has_reason",
            ),
        ]
