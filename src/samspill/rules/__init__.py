"""Rules as dated data and plain functions: one definition, one case explained, or a million counted.

`load(folder)` reads a package's `rules.py`, `inputs.py` and `parameters.yaml`, and refuses the whole when
anything is wrong. `book.on(date)` gives the policy of a date. The room knows no service, asks no clock,
reads no database.
"""

from samspill.rules.book import Policy, Result, RuleBook, load, load_files
from samspill.rules.calculators import Calculator, Problem, calculator
from samspill.rules.declare import Rounding, Values, given, rule, rulebook
from samspill.rules.errors import (
    DateNotCovered,
    InputError,
    InputFault,
    LoadError,
    NotMonotone,
    RuleBookError,
    RulesError,
)
from samspill.rules.explain import Explanation, Step, as_rows
from samspill.rules.specs import InputSpec
from samspill.rules.unknown import Missing

__all__ = [
    "Calculator",
    "DateNotCovered",
    "Explanation",
    "InputError",
    "InputFault",
    "InputSpec",
    "LoadError",
    "Missing",
    "NotMonotone",
    "Policy",
    "Problem",
    "Result",
    "Rounding",
    "RuleBook",
    "RuleBookError",
    "RulesError",
    "Step",
    "Values",
    "as_rows",
    "calculator",
    "given",
    "load",
    "load_files",
    "rule",
    "rulebook",
]
