"""`evaluate`: one pure call that says how an application stands.

Order: wrong answers are set aside; fields are judged in the order their showing depends on, and what is not shown does not count for what
comes after; then pages, demands, checks, inputs and routing are judged with the answers that count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from samspill.kernel.periods import Month, parse_duration, working_day_on_or_after
from samspill.packages.domain import model
from samspill.packages.domain.cel_run import Expression, World
from samspill.packages.domain.compiling import Compiled, compile_package
from samspill.packages.domain.outcome import (
    CheckItem,
    DocumentState,
    Evaluation,
    FieldState,
    MissingItem,
    PageState,
)
from samspill.packages.domain.prefilling import register_value, row_key_of
from samspill.packages.domain.schema import Wrong
from samspill.packages.domain.worlds import answered, situation_on, world_of

Answer = bool | None


@frozen
class _Given:
    """What the caller knows beside answers and replies."""

    facts: Mapping[str, Any]
    on: dt.date
    today: dt.date
    language: str
    documents: frozenset[str]
    confirmed: frozenset[str]
    unavailable: frozenset[str]
    channel: str
    settings: Mapping[str, Any] | None


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
) -> Evaluation:
    """Return how an application stands.

    Args:
        package: a package that has passed check.
        answers: by field id; unanswered is absent or None.
        facts: register replies by lookup name.
        on: the day (or any day of the month, when the service judges on the first) it is judged for.
        language: of labels and reasons.
        documents: ids of delivered documents; for a row `contract:<row key>`.
        settings: the municipality's values; the package's defaults where it has none.
        channel: `digital`, `paper` or `counter`.
        confirmed: `<party>` or `<party>:<row key>` of those who have confirmed.
        unavailable: lookups that were asked and did not answer.
        today: the day from which time given is counted; `on` when left out.
    """
    compiled = compile_package(package)
    given = _Given(
        facts,
        situation_on(package, on),
        today or on,
        language,
        frozenset(documents),
        frozenset(confirmed),
        frozenset(unavailable),
        channel,
        settings,
    )
    return _Run(compiled, given).run(answers)


def deadline(package: model.Package, on: dt.date, today: dt.date, channel: str) -> dt.date | None:
    """Return the last day to apply for the month of `on`; when it has passed, for the month of `today`; None without terms."""
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


@define
class _Run:
    """One evaluation on its way."""

    compiled: Compiled
    given: _Given
    asked: dict[tuple[str | int, ...], list[Answer] | Answer] = field(factory=dict)
    wrong: dict[str, CheckItem] = field(factory=dict)
    open: set[str] = field(factory=set)
    world: World = field(init=False)

    @property
    def package(self) -> model.Package:
        return self.compiled.package

    def run(self, answers: Mapping[str, Any]) -> Evaluation:
        kept = self._without_wrong(answers)
        self._see(kept)
        relevant = self._judge_fields(answered(self.package.fields, kept))
        states = [
            state
            for at, page in enumerate(self.package.form.pages)
            for state in self._page(at, page, answers)
        ]
        documents = list(self._documents())
        inputs = {
            name: self._value("conditions.yaml", "inputs", name)
            for name in self.package.conditions.inputs
        }
        computed = {
            name: self._value("data.yaml", "fields", name, "value")
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
            rule_inputs={name: value for name, value in inputs.items() if value is not None},
            routing=self._unit(),
            documents=tuple(documents),
            eligible=self._eligible(),
            deadline=deadline(self.package, self.given.on, self.given.today, self.given.channel),
            relevant=relevant,
            computed={name: value for name, value in computed.items() if value is not None},
            could_change=tuple(sorted(self.open)),
        )

    # ------------------------------------------------------------------ answers that count

    def _see(self, answers: Mapping[str, Any]) -> None:
        """Look at other answers from now on; what was asked before may have another answer."""
        given = self.given
        self.asked.clear()
        self.open.clear()
        self.world = world_of(
            self.compiled, answers, given.facts,
            on=given.on, settings=given.settings, documents=given.documents, channel=given.channel,
        )  # fmt: skip

    def _without_wrong(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        clean = _unanswered_left_out(answers)
        found = list(self.compiled.validator.wrong(clean, self.given.on))
        for wrong in found:
            self.wrong.setdefault(wrong.path, self._wrong_item(wrong))
            _remove(clean, wrong.path)
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
            _row_in(wrong.path),
        )

    def _judge_fields(self, relevant: dict[str, Any]) -> dict[str, Any]:
        """Judge each field's showing, and take away what is not shown before anything that depends on it is judged."""
        for name in self.compiled.order:
            if self._drop_hidden(name, relevant):
                self._see(relevant)
        return relevant

    def _drop_hidden(self, name: str, relevant: dict[str, Any]) -> bool:
        own = self.compiled.places.get(name)
        spec = self.package.fields[name]
        if spec.value is not None or name not in relevant:
            return False
        if own and not any(self._field_shown(at, entry) is True for at, entry in own):
            del relevant[name]
            return True
        return (
            spec.type == "list"
            and bool(relevant[name])
            and self._drop_hidden_in_rows(spec, relevant)
        )

    def _drop_hidden_in_rows(self, spec: model.Field, relevant: dict[str, Any]) -> bool:
        changed = False
        for sub in spec.fields.values():
            places = self.compiled.places.get(sub.path)
            if not places:
                continue
            shown = [self._rows_shown(at, entry) for at, entry in places]
            for at, row in enumerate(relevant[spec.id]):
                if sub.id in row and not any(rows[at] is True for rows in shown):
                    relevant[spec.id][at] = {
                        key: value for key, value in row.items() if key != sub.id
                    }
                    changed = True
            if changed:
                self._see(relevant)
        return changed

    def _field_shown(self, at: int, entry_at: int) -> Answer:
        """Tell whether an entry of an ordinary page is shown."""
        page = self._ask("form.yaml", "pages", at, "visible_when")
        if page is not True:
            return page
        return self._ask("form.yaml", "pages", at, "fields", entry_at, "visible_when")

    def _rows_shown(self, at: int, entry_at: int) -> list[Answer]:
        """Tell, for each row, whether an entry of a repeated page is shown."""
        pages = self._ask_rows(
            "form.yaml", "pages", at, "visible_when", rows_of=self.package.form.pages[at].repeat_for
        )
        entries = self._ask_rows(
            "form.yaml",
            "pages",
            at,
            "fields",
            entry_at,
            "visible_when",
            rows_of=self.package.form.pages[at].repeat_for,
        )
        return [entry if page is True else page for page, entry in zip(pages, entries, strict=True)]

    # ------------------------------------------------------------------ asking

    def _note(self, expression: Expression, answer: Any) -> None:
        if answer is None:
            self.open |= expression.could_change(self.world)

    def _ask(self, *key: str | int) -> Answer:
        expression = self.compiled.expressions.get(key)
        if expression is None:
            return True
        if key not in self.asked:
            answer = expression.ask(self.world)
            self._note(expression, answer)
            self.asked[key] = answer
        return self.asked[key]  # type: ignore[return-value]

    def _ask_rows(self, *key: str | int, rows_of: str | None) -> list[Answer]:
        expression = self.compiled.expressions.get(key)
        rows = self.world.rows(rows_of or "")
        if expression is None:
            return [True] * len(rows)
        if key not in self.asked:
            answers = expression.ask_rows(self.world)
            for row, answer in zip(rows, answers, strict=True):
                if answer is None:
                    self.open |= expression.could_change(evolve(self.world, row=row, opened={}))
            self.asked[key] = answers
        return self.asked[key]  # type: ignore[return-value]

    def _value(self, *key: str | int) -> Any:
        expression = self.compiled.expressions[key]
        value = expression.value(self.world)
        self._note(expression, value)
        return value

    # ------------------------------------------------------------------ pages

    def _page(self, at: int, page: model.Page, answers: Mapping[str, Any]) -> Iterator[PageState]:
        title = self.package.text(f"page.{page.id}.title", self.given.language)
        if page.repeat_for is None:
            visible = self._ask("form.yaml", "pages", at, "visible_when")
            fields = tuple(
                state
                for entry_at, entry in enumerate(page.fields if visible is True else ())
                for state in self._entry(page, entry, self._field_shown(at, entry_at), answers)
            )
            yield PageState(page.id, page.id, visible, title, fields, page.documents, page.facts)
            return
        spec = self.package.fields[page.repeat_for]
        shown = self._ask_rows("form.yaml", "pages", at, "visible_when", rows_of=page.repeat_for)
        entries = [self._rows_shown(at, entry_at) for entry_at in range(len(page.fields))]
        for row, visible in enumerate(shown):
            fields = tuple(
                self._sub_state(
                    page, spec.fields[entry.field.split(".")[1]], spec, row, rows[row], answers
                )
                for entry, rows in zip(page.fields, entries, strict=True)
                if visible is True
            )
            key = row_key_of(spec, _row(answers, spec.id, row))
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
        self, page: model.Page, entry: model.PageField, visible: Answer, answers: Mapping[str, Any]
    ) -> Iterator[FieldState]:
        head, _, sub = entry.field.partition(".")
        spec = self.package.fields[head]
        if sub or spec.type == "object":
            for part in [sub] if sub else spec.fields:
                yield self._state(
                    page,
                    spec.fields[part],
                    f"{head}.{part}",
                    (answers.get(head) or {}).get(part),
                    visible,
                )
            return
        yield self._state(page, spec, head, answers.get(head), visible)
        if spec.type == "list":
            for row in range(len(self.world.rows(head))):
                for column in columns_of(self.package, entry):
                    yield self._sub_state(page, spec.fields[column], spec, row, visible, answers)

    def _sub_state(
        self,
        page: model.Page,
        spec: model.Field,
        rows: model.Field,
        row: int,
        visible: Answer,
        answers: Mapping[str, Any],
    ) -> FieldState:
        given = _row(answers, rows.id, row)
        return self._state(
            page,
            spec,
            f"{rows.id}[{row}].{spec.id}",
            given.get(spec.id),
            visible,
            row,
            row_key_of(rows, given),
        )

    def _state(
        self,
        page: model.Page,
        spec: model.Field,
        path: str,
        value: Any,
        visible: Answer,
        row: int | None = None,
        row_key: str | None = None,
    ) -> FieldState:
        lookup, said = register_value(self.compiled, spec.path, row_key, self.given.facts)
        has_answer = value not in (None, "", []) or (
            spec.type == "list" and (value == [] or spec.optional)
        )
        return FieldState(
            path=path,
            field=spec.path,
            visible=visible,
            required=self._is_required(spec, row),
            answered=has_answer and path not in self.wrong,
            value=value,
            label=self.package.text(f"field.{spec.path}.label", self.given.language),
            row=row,
            lookup=lookup,
            register_value=said,
            differs=said is not None
            and has_answer
            and spec.type != "list"
            and not _same(said, value),
            editable=self.package.lookups[lookup].editable
            if lookup and said is not None
            else "yes",
            error=self.wrong.get(path),
        )

    def _is_required(self, spec: model.Field, row: int | None) -> bool:
        if spec.path in self.package.conditions.required:
            key = ("conditions.yaml", "required", spec.path)
            if row is None:
                return self._ask(*key) is True
            return self._ask_rows(*key, rows_of=spec.path.split(".")[0])[row] is True
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
        language, why = self.given.language, f"{text}.why"
        return MissingItem(
            kind, item_id, page_id, self.package.text(f"{text}.label", language), why,
            self.package.texts.find(why, language) or "", who, until, self.package.law(law), row,
        )  # fmt: skip

    def _documents(self) -> Iterator[DocumentState]:
        for at, demand in enumerate(self.package.conditions.documents):
            key = ("conditions.yaml", "documents", at, "when")
            if demand.for_each is None:
                delivered = demand.document in self.given.documents
                yield DocumentState(
                    demand.document, demand.document, self._ask(*key), delivered, demand.owed_by
                )
                continue
            spec = self.package.fields[demand.for_each]
            for row, answer in enumerate(self._ask_rows(*key, rows_of=demand.for_each)):
                row_key = row_key_of(spec, self.world.rows(spec.id)[row]) or str(row)
                item_id = f"{demand.document}:{row_key}"
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
            if party.who in self.world.answers and self._ask(*key) is True:
                yield None, name
            return
        for row, answer in enumerate(self._ask_rows(*key, rows_of=party.who)):
            if answer is True:
                yield row, f"{name}:{row_key_of(spec, self.world.rows(party.who)[row]) or row}"

    # ------------------------------------------------------------------ checks, eligibility, routing

    def _checks(self) -> Iterator[CheckItem]:
        for at, check in enumerate(self.package.conditions.checks):
            key = ("conditions.yaml", "checks", at, "when")
            if check.for_each is None:
                if self._ask(*key) is True:
                    yield self._check_item(check, check.field, None)
                continue
            sub = check.field.partition(".")[2]
            for row, answer in enumerate(self._ask_rows(*key, rows_of=check.for_each)):
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
        return self._ask("conditions.yaml", "eligible")

    def _unit(self) -> str | None:
        for at, route in enumerate(self.package.conditions.routing):
            if self._ask("conditions.yaml", "routing", at, "when") is True:
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


def _row(answers: Mapping[str, Any], name: str, row: int) -> Mapping[str, Any]:
    rows = [one for one in answers.get(name) or [] if isinstance(one, dict)]
    return rows[row] if row < len(rows) else {}


def _row_in(path: str) -> int | None:
    _, bracket, rest = path.partition("[")
    return int(rest.split("]")[0]) if bracket else None


def _same(said: Any, value: Any) -> bool:
    if isinstance(said, Mapping) and isinstance(value, Mapping):
        return all(said.get(key) == part for key, part in value.items() if part not in (None, ""))
    return bool(said == value)


def _unanswered_left_out(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {
            key: _unanswered_left_out(value)
            for key, value in tree.items()
            if value is not None and value != ""
        }
    if isinstance(tree, list):
        return [_unanswered_left_out(value) for value in tree]
    return tree


def _remove(tree: dict[str, Any], path: str) -> None:
    """Take away the value at a place such as `members[0].born`, if it is there."""
    *way, last = [
        int(part) if part.isdigit() else part
        for part in path.replace("[", ".").replace("]", "").split(".")
    ]
    place: Any = tree
    for step in way:
        try:
            place = place[step]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(place, dict):
        place.pop(last, None)
    elif isinstance(place, list) and isinstance(last, int) and last < len(place):
        place[last] = None
