"""`evaluate`: one pure call that says how an application stands.

Order: wrong answers are set aside; fields are judged in the order their showing depends on, and what is not
shown does not count for what comes after; then pages, demands, checks, inputs and routing are judged with
the answers that count.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from attrs import define, field

from samspill.kernel.periods import Month, parse_duration, working_day_on_or_after
from samspill.packages.domain import model
from samspill.packages.domain.answer_places import (
    has_answer,
    remove,
    row_in,
    row_of,
    same,
    unanswered_left_out,
)
from samspill.packages.domain.compiling import Compiled, compile_package
from samspill.packages.domain.judging import Answer, Given, Judge
from samspill.packages.domain.outcome import (
    CheckItem,
    DocumentState,
    Evaluation,
    FieldState,
    ForDecision,
    MissingItem,
    PageState,
)
from samspill.packages.domain.prefilling import (
    register_value,
    row_key_of,
    row_name_of,
    value_at,
)
from samspill.packages.domain.schema import Wrong
from samspill.packages.domain.worlds import answered, situation_on


def evaluate(
    package: model.Package,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    on: dt.date,
    language: str = "nb",
    documents: Collection[str] = (),
    settings: Mapping[str, Any] | None = None,
    channel: str = "digital",
    confirmed: Collection[str] = (),
    unavailable: Collection[str] = (),
    today: dt.date | None = None,
    row_names: Mapping[str, str] = MappingProxyType({}),
    notes: bool = True,
) -> Evaluation:
    """Return how an application stands.

    Args:
        package: a package that has passed check.
        answers: by field id; unanswered is absent or None.
        facts: register replies by lookup name.
        on: the day (or any day of the month, when the service judges on the first) it is judged for.
        language: of labels and reasons.
        documents: ids of delivered documents; for a row `contract:<row name>`.
        settings: the municipality's values; the package's defaults where it has none.
        channel: `digital`, `paper` or `counter`.
        confirmed: `<party>` or `<party>:<row name>` of those who have confirmed.
        unavailable: lookups that were asked and did not answer.
        today: the day from which time given is counted; `on` when left out.
        row_names: the caller's own ids of persons by identity number; they name a row whose key is one.
        notes: also `could_change`, which costs about a third of the rest; empty without.
    """
    compiled = compile_package(package)
    given = Given(
        facts,
        situation_on(package, on),
        today or on,
        language,
        frozenset(documents),
        frozenset(confirmed),
        frozenset(unavailable),
        channel,
        settings,
        row_names,
    )
    return _Run(compiled, given, Judge(compiled, given, notes=notes)).run(answers)


@functools.lru_cache(maxsize=256)
def deadline(package: model.Package, on: dt.date, today: dt.date, channel: str) -> dt.date | None:
    """Return the last day to apply for the month of `on`.

    When it has passed, for the month of `today`; None without terms.
    """
    plan = package.process.terms
    if plan is None:
        return None
    month = max(Month.of(on), Month.of(today))
    while True:
        day = month.day(plan.deadline_day)
        if channel != "digital" and plan.paper_deadline == "next_working_day":
            day = working_day_on_or_after(day)
        if day >= today:
            return day
        month += 1


def evaluate_for_decision(
    package: model.Package,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any],
    *,
    on: dt.date,
    documents: Collection[str] = (),
    settings: Mapping[str, Any] | None = None,
    channel: str = "digital",
    unavailable: Collection[str] = (),
    today: dt.date | None = None,
    row_names: Mapping[str, str] = MappingProxyType({}),
) -> ForDecision:
    """Return what a decision needs of an application: the rules' inputs and what is missing.

    The same as `evaluate` gives of the two, without what only a person who looks at pages needs; for runs over
    thousands of applications. Arguments as there.
    """
    compiled = compile_package(package)
    given = Given(
        facts,
        situation_on(package, on),
        today or on,
        package.service.languages[0],
        frozenset(documents),
        frozenset(),
        frozenset(unavailable),
        channel,
        settings,
        row_names,
    )
    return _Run(compiled, given, Judge(compiled, given, notes=False), brief=True).decide(answers)


@define
class _Run:
    """One evaluation on its way; a `brief` one passes over what is answered."""

    compiled: Compiled
    given: Given
    judge: Judge
    brief: bool = False
    wrong: dict[str, CheckItem] = field(factory=dict)
    package: model.Package = field(init=False)

    @package.default
    def _compiled_from(self) -> model.Package:
        return self.compiled.package

    def decide(self, answers: Mapping[str, Any]) -> ForDecision:
        self._judged(answers)
        documents = list(self._documents())
        return ForDecision(
            rule_inputs=self._inputs(),
            missing=(
                *self._missing_fields(self._states(answers)),
                *self._missing_documents(documents),
                *self._confirmations(),
            ),
        )

    def _judged(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        kept = answered(self.package.fields, self._without_wrong(answers))
        self.judge.see(kept)
        return self.judge.judge_fields(kept)

    def _states(self, answers: Mapping[str, Any]) -> list[PageState]:
        pages = enumerate(self.package.form.pages)
        return [state for at, page in pages for state in self._page(at, page, answers)]

    def _inputs(self) -> dict[str, Any]:
        names = self.package.conditions.inputs
        found = {name: self.judge.value("conditions.yaml", "inputs", name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def run(self, answers: Mapping[str, Any]) -> Evaluation:
        relevant = self._judged(answers)
        states = self._states(answers)
        documents = list(self._documents())
        inputs = self._inputs()
        computed = {
            name: self.judge.value("data.yaml", "fields", name, "value")
            for name, spec in self.package.fields.items()
            if spec.value is not None
        }
        return Evaluation(
            pages=tuple(states),
            missing=(
                *self._missing_fields(states),
                *self._missing_documents(documents),
                *self._confirmations(),
            ),
            errors=(*self.wrong.values(), *self._checks()),
            rule_inputs=inputs,
            routing=self._unit(),
            documents=tuple(documents),
            eligible=self._eligible(),
            deadline=deadline(self.package, self.given.on, self.given.today, self.given.channel),
            relevant=relevant,
            computed={name: value for name, value in computed.items() if value is not None},
            could_change=tuple(sorted(self.judge.open)),
        )

    # ------------------------------------------------------------------ answers that count

    def _without_wrong(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        clean: dict[str, Any] = unanswered_left_out(answers)
        found = list(self.compiled.validator.wrong(clean, self.given.on))
        for wrong in found:
            self.wrong.setdefault(wrong.path, self._wrong_item(wrong))
            remove(clean, wrong.path)
        return clean

    def _wrong_item(self, wrong: Wrong) -> CheckItem:
        definition = "".join(part.split("]")[-1] for part in wrong.path.split("["))
        spec = self.package.field_at(definition)
        own = (
            self.package.texts.find(f"field.{definition}.pattern", self.given.language)
            if wrong.code == "pattern"
            else None
        )
        places = self.compiled.places.get(definition) or self.compiled.places.get(
            definition.split(".")[0], ()
        )
        page = self.package.form.pages[places[0][0]].id if places else None
        return CheckItem(
            wrong.code,
            wrong.path,
            "error",
            own or "",
            wrong.limit,
            self.package.law(spec.law if spec else None),
            page,
            row_in(wrong.path),
        )

    # ------------------------------------------------------------------ pages

    def _page(self, at: int, page: model.Page, answers: Mapping[str, Any]) -> Iterator[PageState]:
        title = self.package.text(f"page.{page.id}.title", self.given.language)
        if page.repeat_for is None:
            visible = self.judge.ask("form.yaml", "pages", at, "visible_when")
            fields = tuple(
                state
                for entry_at, entry in enumerate(page.fields if visible is True else ())
                for state in self._entry(
                    entry,
                    self.judge.ask("form.yaml", "pages", at, "fields", entry_at, "visible_when"),
                    answers,
                )
            )
            yield PageState(page.id, page.id, visible, title, fields, page.documents, page.facts)
            return
        spec = self.package.fields[page.repeat_for]
        shown = self.judge.ask_rows(
            "form.yaml", "pages", at, "visible_when", rows_of=page.repeat_for
        )
        entries = [self.judge.rows_shown(at, entry_at) for entry_at in range(len(page.fields))]
        for row, visible in enumerate(shown):
            fields = tuple(
                state
                for entry, rows in zip(page.fields, entries, strict=True)
                if visible is True
                for state in self._sub_state(
                    spec.fields[entry.field.split(".")[1]], spec, row, rows[row], answers
                )
            )
            key = row_key_of(spec, row_of(answers, spec.id, row))
            yield PageState(
                page.id,
                f"{page.id}[{row}]",
                visible,
                title,
                fields,
                page.documents,
                page.facts,
                row,
                key,
            )

    def _entry(
        self, entry: model.PageField, visible: Answer, answers: Mapping[str, Any]
    ) -> Iterator[FieldState]:
        head, _, sub = entry.field.partition(".")
        spec = self.package.fields[head]
        if sub or spec.type == "object":
            for part in [sub] if sub else spec.fields:
                value = value_at(answers, f"{head}.{part}")
                if not self._passes(spec.fields[part], f"{head}.{part}", value):
                    yield self._state(spec.fields[part], f"{head}.{part}", value, visible)
            return
        if not self._passes(spec, head, answers.get(head)):
            yield self._state(spec, head, answers.get(head), visible)
        if spec.type == "list":
            for row in range(len(self.judge.world.rows(head))):
                for column in self._columns(entry):
                    yield from self._sub_state(spec.fields[column], spec, row, visible, answers)

    def _columns(self, entry: model.PageField) -> tuple[str, ...]:
        found = self.compiled.columns.get(entry)
        if found is None:
            found = self.compiled.columns[entry] = columns_of(self.package, entry)
        return found

    def _sub_state(
        self,
        spec: model.Field,
        rows: model.Field,
        row: int,
        visible: Answer,
        answers: Mapping[str, Any],
    ) -> Iterator[FieldState]:
        given = row_of(answers, rows.id, row)
        path, value = f"{rows.id}[{row}].{spec.id}", given.get(spec.id)
        if not self._passes(spec, path, value):
            yield self._state(spec, path, value, visible, row, row_key_of(rows, given))

    def _passes(self, spec: model.Field, path: str, value: Any) -> bool:
        """Tell whether a brief run need not look closer: there is an answer."""
        return self.brief and self._is_answered(spec, path, value)

    def _is_answered(self, spec: model.Field, path: str, value: Any) -> bool:
        return has_answer(spec, value) and path not in self.wrong

    def _state(
        self,
        spec: model.Field,
        path: str,
        value: Any,
        visible: Answer,
        row: int | None = None,
        row_key: str | None = None,
    ) -> FieldState:
        lookup, said = register_value(self.compiled, spec.path, row_key, self.given.facts)
        given = has_answer(spec, value)
        return FieldState(
            path=path,
            field=spec.path,
            visible=visible,
            required=self._is_required(spec, row),
            answered=given and path not in self.wrong,
            value=value,
            label=self._label(spec),
            row=row,
            lookup=lookup,
            register_value=said,
            differs=said is not None and given and spec.type != "list" and not same(said, value),
            editable=self.package.lookups[lookup].editable
            if lookup and said is not None
            else "yes",
            error=self.wrong.get(path),
        )

    def _label(self, spec: model.Field) -> str:
        key = (spec.path, self.given.language)
        found = self.compiled.labels.get(key)
        if found is None:
            found = self.package.text(f"field.{spec.path}.label", self.given.language)
            self.compiled.labels[key] = found
        return found

    def _is_required(self, spec: model.Field, row: int | None) -> bool:
        if spec.path in self.package.conditions.required:
            key = ("conditions.yaml", "required", spec.path)
            if row is None:
                return self.judge.ask(*key) is True
            return self.judge.ask_rows(*key, rows_of=spec.path.split(".")[0])[row] is True
        return not spec.optional and spec.source in ("citizen", "register")

    # ------------------------------------------------------------------ what is missing

    def _missing_fields(self, pages: list[PageState]) -> Iterator[MissingItem]:
        seen: set[str] = set()
        for page in pages:
            for state in page.fields:
                wanted = page.visible is True and state.visible is True and state.required
                if wanted and not state.answered and state.error is None and state.path not in seen:
                    seen.add(state.path)
                    yield self._missing_field(page, state)

    def _missing_field(self, page: PageState, state: FieldState) -> MissingItem:
        spec = self.package.field_at(state.field)
        who: model.Who = "applicant"
        if spec is not None and spec.source == "register" and state.lookup is not None:
            lookup = self.package.lookups[state.lookup]
            down = state.lookup in self.given.unavailable
            who = (
                "applicant"
                if (down and lookup.on_failure == "ask") or (not down and lookup.editable != "no")
                else "register"
            )
        return self._item(
            "field",
            state.path,
            page.id,
            f"field.{state.field}",
            who,
            None,
            spec.law if spec else None,
            state.row,
        )

    def _item(
        self,
        kind: Any,
        item_id: str,
        page_id: str | None,
        text: str,
        who: model.Who,
        until: dt.date | None,
        law: str | None,
        row: int | None,
    ) -> MissingItem:
        label, why, reason, section = self._told(text, law)
        return MissingItem(kind, item_id, page_id, label, why, reason, who, until, section, row)

    def _told(self, text: str, law: str | None) -> tuple[str, str, str, model.Law | None]:
        """Give what is said of a missing item, found once: its label, the key of the reason, the reason, the law."""
        language = self.given.language
        found = self.compiled.told.get((text, law, language))
        if found is None:
            why = f"{text}.why"
            found = (
                self.package.text(f"{text}.label", language),
                why,
                self.package.texts.find(why, language) or "",
                self.package.law(law),
            )
            self.compiled.told[text, law, language] = found
        return found

    def _documents(self) -> Iterator[DocumentState]:
        for at, demand in enumerate(self.package.conditions.documents):
            key = ("conditions.yaml", "documents", at, "when")
            if demand.for_each is None:
                delivered = demand.document in self.given.documents
                yield DocumentState(
                    demand.document,
                    demand.document,
                    self.judge.ask(*key),
                    delivered,
                    demand.owed_by,
                )
                continue
            spec = self.package.fields[demand.for_each]
            for row, answer in enumerate(self.judge.ask_rows(*key, rows_of=demand.for_each)):
                item_id = f"{demand.document}:{self._row_name(spec, row)}"
                yield DocumentState(
                    item_id,
                    demand.document,
                    answer,
                    item_id in self.given.documents,
                    demand.owed_by,
                    row,
                )

    def _missing_documents(self, states: list[DocumentState]) -> Iterator[MissingItem]:
        laws = {demand.document: demand.law for demand in self.package.conditions.documents}
        seen: set[str] = set()
        for state in states:
            if state.demanded is not True or state.delivered or state.id in seen:
                continue
            seen.add(state.id)
            spec = self.package.documents[state.document]
            until = None
            if spec.later or state.owed_by != "applicant":
                until = self._after(spec.later_within or self.package.process.information_within)
            law = laws[state.document] or spec.law
            yield self._item(
                "document",
                state.id,
                self._page_of_document(state.document),
                f"document.{state.document}",
                state.owed_by,
                until,
                law,
                state.row,
            )

    def _page_of_document(self, document: str) -> str | None:
        return next(
            (page.id for page in self.package.form.pages if document in page.documents), None
        )

    def _after(self, duration: str) -> dt.date:
        return parse_duration(duration).after(self.given.today)

    def _confirmations(self) -> Iterator[MissingItem]:
        for name, party in self.package.parties.items():
            if not party.must_confirm:
                continue
            until = self._after(party.within or self.package.process.information_within)
            for row, item_id in self._party_rows(name, party):
                if item_id not in self.given.confirmed:
                    yield self._item(
                        "confirmation",
                        item_id,
                        None,
                        f"party.{name}",
                        "party",
                        until,
                        party.law,
                        row,
                    )

    def _party_rows(self, name: str, party: model.Party) -> Iterator[tuple[int | None, str]]:
        spec = self.package.fields[party.who]
        key = ("parties.yaml", "parties", name, "when")
        if spec.type != "list":
            if party.who in self.judge.world.answers and self.judge.ask(*key) is True:
                yield None, name
            return
        for row, answer in enumerate(self.judge.ask_rows(*key, rows_of=party.who)):
            if answer is True:
                yield row, f"{name}:{self._row_name(spec, row)}"

    def _row_name(self, spec: model.Field, row: int) -> str:
        return row_name_of(spec, self.judge.world.rows(spec.id)[row], row, self.given.row_names)

    # ------------------------------------------------------------------ checks, eligibility, routing

    def _checks(self) -> Iterator[CheckItem]:
        for at, check in enumerate(self.package.conditions.checks):
            key = ("conditions.yaml", "checks", at, "when")
            if check.for_each is None:
                if self.judge.ask(*key) is True:
                    yield self._check_item(check, check.field, None)
                continue
            sub = check.field.partition(".")[2]
            for row, answer in enumerate(self.judge.ask_rows(*key, rows_of=check.for_each)):
                if answer is True:
                    yield self._check_item(
                        check, f"{check.for_each}[{row}].{sub}" if sub else check.field, row
                    )

    def _check_item(self, check: model.Check, path: str, row: int | None) -> CheckItem:
        places = self.compiled.places.get(check.field) or self.compiled.places.get(
            check.field.split(".")[0], ()
        )
        page = self.package.form.pages[places[0][0]].id if places else None
        text = self.package.text(check.text, self.given.language)
        return CheckItem(
            check.id, path, check.level, text, None, self.package.law(check.law), page, row
        )

    def _eligible(self) -> Answer:
        return self.judge.ask("conditions.yaml", "eligible")

    def _unit(self) -> str | None:
        for at, route in enumerate(self.package.conditions.routing):
            if self.judge.ask("conditions.yaml", "routing", at, "when") is True:
                return route.unit
        return None


def columns_of(package: model.Package, entry: model.PageField) -> tuple[str, ...]:
    """Give the sub-fields of a list that are shown in its rows on an ordinary page."""
    if entry.columns:
        return entry.columns
    elsewhere = {
        other.field for page in package.form.pages if page.repeat_for for other in page.fields
    }
    subs = package.fields[entry.field].fields.values()
    return tuple(
        sub.id
        for sub in subs
        if sub.path not in elsewhere and sub.source in ("citizen", "register") and not sub.retired
    )


def relevant_answers(
    package: model.Package, answers: Mapping[str, Any], evaluation: Evaluation
) -> dict[str, Any]:
    """Return the answers that go with the application: what is not shown is left out, what is computed is put in."""
    asked = answered(package.fields, answers).keys() - {
        name for name, value in evaluation.relevant.items() if value == [] and not answers.get(name)
    }
    kept = {
        name: evaluation.relevant[name]
        for name in package.fields
        if name in asked and name in evaluation.relevant
    }
    return {**kept, **evaluation.computed}
