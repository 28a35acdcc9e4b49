"""What is asked of an application's conditions, each once, and which answers count.

A field's showing is judged in the order that fields depend on each other; an answer to what is not shown is
set aside before anything that depends on it is asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from attrs import define, evolve, field, frozen

from samspill.packages.domain import model
from samspill.packages.domain.cel_run import Expression, World
from samspill.packages.domain.compiling import Compiled
from samspill.packages.domain.worlds import with_ages, world_seen

Answer = bool | None
Key = tuple[str | int, ...]


@frozen
class Given:
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
    row_names: Mapping[str, str]


@define
class Judge:
    """Asks the conditions of one application and remembers the answers.

    `open` is what could still change them, kept when `notes` are wanted.
    """

    compiled: Compiled
    given: Given
    world: World = field(init=False)
    open: set[str] = field(factory=set)
    notes: bool = True
    _asked: dict[Key, Answer] = field(factory=dict)
    _asked_rows: dict[Key, list[Answer]] = field(factory=dict)

    def see(self, answers: dict[str, Any]) -> None:
        """Look at these answers, in the kinds that conditions want; called once, before anything is asked."""
        given = self.given
        self.world = world_seen(
            self.compiled,
            answers,
            given.facts,
            on=given.on,
            settings=given.settings,
            documents=given.documents,
            channel=given.channel,
        )

    def see_rest(self, relevant: dict[str, Any]) -> None:
        """Look at what is left of answers that are already in the kinds that conditions want."""
        self._asked.clear()
        self._asked_rows.clear()
        self.open.clear()
        fields = self.compiled.package.fields
        self.world = self.world.having(with_ages(fields, relevant, self.world.on))

    def judge_fields(self, relevant: dict[str, Any]) -> dict[str, Any]:
        """Take away the answers to what is not shown, before anything that depends on them is asked."""
        for name in self.compiled.order:
            if self._drop_hidden(name, relevant):
                self.see_rest(relevant)
        return relevant

    def _drop_hidden(self, name: str, relevant: dict[str, Any]) -> bool:
        own = self.compiled.places.get(name)
        spec = self.compiled.package.fields[name]
        if spec.value is not None or name not in relevant:
            return False
        if own and not any(self.field_shown(at, entry) is True for at, entry in own):
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
            shown = [self.rows_shown(at, entry) for at, entry in places]
            for at, row in enumerate(relevant[spec.id]):
                if sub.id in row and not any(rows[at] is True for rows in shown):
                    relevant[spec.id][at] = {
                        key: value for key, value in row.items() if key != sub.id
                    }
                    changed = True
            if changed:
                self.see_rest(relevant)
        return changed

    def field_shown(self, at: int, entry_at: int) -> Answer:
        """Tell whether an entry of an ordinary page is shown."""
        page = self.ask("form.yaml", "pages", at, "visible_when")
        if page is not True:
            return page
        return self.ask("form.yaml", "pages", at, "fields", entry_at, "visible_when")

    def rows_shown(self, at: int, entry_at: int) -> list[Answer]:
        """Tell, for each row, whether an entry of a repeated page is shown."""
        pages = self.ask_rows(
            "form.yaml",
            "pages",
            at,
            "visible_when",
            rows_of=self.compiled.package.form.pages[at].repeat_for,
        )
        entries = self.ask_rows(
            "form.yaml",
            "pages",
            at,
            "fields",
            entry_at,
            "visible_when",
            rows_of=self.compiled.package.form.pages[at].repeat_for,
        )
        return [entry if page is True else page for page, entry in zip(pages, entries, strict=True)]

    # ------------------------------------------------------------------ asking

    def _note(self, expression: Expression, answer: Any) -> None:
        if answer is None and self.notes:
            self.open |= expression.could_change(self.world)

    def ask(self, *key: str | int) -> Answer:
        """Answer the condition that stands at a place; true when none does."""
        expression = self.compiled.expressions.get(key)
        if expression is None:
            return True
        if key not in self._asked:
            self._asked[key] = expression.ask(self.world)
            self._note(expression, self._asked[key])
        return self._asked[key]

    def ask_rows(self, *key: str | int, rows_of: str | None) -> list[Answer]:
        """Answer the condition that stands at a place for every row of a list."""
        expression = self.compiled.expressions.get(key)
        rows = self.world.rows(rows_of or "")
        if expression is None:
            return [True] * len(rows)
        if key not in self._asked_rows:
            answers = self._asked_rows[key] = expression.ask_rows(self.world)
            for row, answer in zip(rows, answers, strict=True):
                if answer is None and self.notes:
                    self.open |= expression.could_change(evolve(self.world, row=row, opened={}))
        return self._asked_rows[key]

    def value(self, *key: str | int) -> Any:
        """Give the value of the expression that stands at a place, or None when it is unknown."""
        expression = self.compiled.expressions[key]
        value = expression.value(self.world)
        self._note(expression, value)
        return value
