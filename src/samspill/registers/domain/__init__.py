"""Pure values of a look-up, and the reading of what registers answer."""

from samspill.registers.domain.model import (
    Ask,
    Declaration,
    Found,
    NotFound,
    Outcome,
    PersonChange,
    Unavailable,
    period_key,
)
from samspill.registers.domain.reading import WireError

__all__ = [
    "Ask",
    "Declaration",
    "Found",
    "NotFound",
    "Outcome",
    "PersonChange",
    "Unavailable",
    "WireError",
    "period_key",
]
