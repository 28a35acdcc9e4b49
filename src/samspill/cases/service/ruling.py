"""The rules of one term applied to one prepared case: the code, the amount, and what follows.

Whoever decides comes here: the month's run, a correction, a recalculation, a manual review. The rules
are those of the newest published version on the date of the term, since rates change without a new
application; which they were is kept with the decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from samspill.cases.domain import terms
from samspill.cases.service import decisions, payments
from samspill.cases.service.plan import term_rules
from samspill.kernel.outcome import refuse
from samspill.packages import service as packages
from samspill.rules import InputError

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from samspill.cases.service.term_inputs import Prepared
    from samspill.kernel.actor import Actor
    from samspill.kernel.periods import Month
    from samspill.packages.service import Package
    from samspill.rules import Policy, RuleBook


@attrs.frozen(kw_only=True)
class Ruling:
    """Hold what decides the cases of one term: the package whose rules hold, its plan, the book."""

    package: Package
    rules: terms.TermRules
    book: RuleBook
    term: Month

    @property
    def policy(self) -> Policy:
        """Give the rules as they are on the first day of the term."""
        return self.book.on(self.term.first)

    def context(
        self, actor: Actor, *, pay_on: dt.date, run_id: UUID | None = None, purpose: str = ""
    ) -> decisions.Context:
        """Give what the decisions of one writing have in common."""
        return decisions.Context(
            actor=actor,
            term=self.term,
            pay_on=pay_on,
            rulebook_version=self.book.version,
            rulebook_hash=self.book.hash,
            run_id=run_id,
            purpose=purpose or "decide the term",
        )

    def conclude(self, item: Prepared, **changes: Any) -> decisions.Decided | None:
        """Give the decision of one case; None when the rules lack an input they cannot do without.

        `changes` replace what an ordinary decision has (kind, payments, reason …).
        """
        found = self._answer(item)
        if found is None:
            return None
        code, amount, values = found
        corrected = item.work.origin == "corrected"
        outcome = terms.conclude(
            code,
            amount,
            self.rules,
            term=self.term,
            missing=bool(item.missing),
            missing_code=self._plan(item).missing_code,
            retests_before=item.work.retest,
            channel=item.work.case.channel,
            corrected=corrected,
        )
        decided = decisions.Decided(
            case=item.work.case,
            outcome=outcome,
            sequence=item.work.sequence,
            replaces_id=item.work.replaces_id,
            kind="corrected" if corrected else "ordinary",
            inputs=self.inputs_of(item),
            trace=self._trace(item, values),
            facts=item.facts,
            payments=payments.ordinary(outcome.amount_ore, item.claim_ore),
            account=item.account,
            changes_case=not item.work.appealed,
        )
        return attrs.evolve(decided, **changes) if changes else decided

    def inputs_of(self, item: Prepared) -> dict[str, Any]:
        """Give the inputs as the rules want them: what the package maps and lacks is unanswered."""
        known = self.policy.inputs
        mapped = dict.fromkeys(name for name in item.work.case.package.conditions.inputs)
        return {n: v for n, v in {**mapped, **item.inputs}.items() if n in known}

    def _plan(self, item: Prepared) -> packages.TermPlan:
        plan = item.work.case.package.process.terms
        assert plan is not None
        return plan

    def _answer(self, item: Prepared) -> tuple[str, float, dict[str, Any]] | None:
        plan = self._plan(item)
        values = self._values(item)
        code = values.get(plan.decide.code)
        amount = values.get(plan.decide.amount) if plan.decide.amount else 0.0
        if code is not None and amount is not None:
            return str(code), float(amount), values
        if item.missing and plan.missing_code is not None:
            return plan.missing_code, 0.0, values
        return None

    def _values(self, item: Prepared) -> dict[str, Any]:
        try:
            return dict(self.policy.compute(self.inputs_of(item)).values)
        except InputError:  # a required input is not there: nothing can be said
            return {}

    def _trace(self, item: Prepared, values: dict[str, Any]) -> dict[str, Any]:
        return {
            "package": {"version": self.package.version, "sha256": self.package.sha256},
            "values": values,
            "missing": list(item.missing),
        }


def ruling_for(package_id: str, term: Month) -> Ruling:
    """Give the rules that hold for a term of a service.

    Raises:
        RefusedError: `no_terms` when the service is not decided month by month.
    """
    package = packages.published(package_id)
    rules, book = term_rules(package), packages.rule_book(package)
    if rules is None or book is None:
        raise refuse(
            "no_terms",
            "The service %(service)s is not decided month by month.",
            where="process.yaml: terms",
            remedy="Choose a service that declares terms.",
            values={"service": package_id},
        )
    return Ruling(package=package, rules=rules, book=book, term=term)
