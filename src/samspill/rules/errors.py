"""What can be wrong with a rule book or with a question to it.

Nothing here is raised halfway: a rule book is read whole, and every fault is listed at once.

RulesError
├── RuleBookError       the package's rules.py, inputs.py or parameters.yaml cannot be used
├── DateNotCovered      the rules or the rates of that date are not known
├── InputError          the household given cannot be calculated
└── NotMonotone         no single limit exists for the question asked
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import attrs


@attrs.frozen(kw_only=True)
class LoadError:
    """One fault in a rule book: where it is, what it is, and what to do about it."""

    file: str
    line: int
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.message} {self.remedy}"


@attrs.frozen(kw_only=True)
class InputFault:
    """One fault in the values given: a stable code, where, why, and the remedy.

    `said` and `advice` are msgids and `values` fills both, so that a command can say them in its reader's language.
    """

    code: str
    where: str
    said: str
    advice: str
    values: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def message(self) -> str:
        """Why, in English."""
        return filled(self.said, self.values)

    @property
    def remedy(self) -> str:
        """What to do, in English."""
        return filled(self.advice, self.values)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with its values in their places; without any it stands as it is."""
    return text % values if values else text


class RulesError(Exception):
    """Root of what the rules refuse."""


class RuleBookError(RulesError):
    """The rule book cannot be used; `errors` lists every fault found."""

    def __init__(self, errors: Sequence[LoadError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda e: (e.file, e.line, e.key)))
        super().__init__("\n".join(str(error) for error in self.errors))


class DateNotCovered(RulesError):  # noqa: N818 (says what is, not that it is an error)
    """No rules or rates are known for the date; `reason` says why, per language."""

    def __init__(
        self, *, on: dt.date, code: str, reason: Mapping[str, str], remedy: Mapping[str, str]
    ) -> None:
        self.on = on
        self.code = code
        self.reason = dict(reason)
        self.remedy = dict(remedy)
        super().__init__(self.reason.get("en", code))


class InputError(RulesError):
    """The values given cannot be calculated; `faults` lists every reason."""

    def __init__(self, faults: Sequence[InputFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.where}: {f.message} {f.remedy}" for f in self.faults))


class NotMonotone(RulesError):  # noqa: N818 (says what is, not that it is an error)
    """The answer does not go one way when the input grows, so there is no one limit."""
