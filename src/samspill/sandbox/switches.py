"""How each component misbehaves at the moment: set by people and tests, asked at every call."""

from __future__ import annotations

import threading
from typing import Any

import attrs

COMPONENTS = (
    "idporten",
    "ansattporten",
    "maskinporten",
    "folkeregisteret",
    "skatteetaten",
    "krr",
    "nav",
    "lanekassen",
    "matrikkelen",
    "husbanken",
    "enhetsregisteret",
    "fullmakt",
    "doedsbo",
    "altinn",
)
MODES = ("normal", "slow", "down", "wrong_schema", "throttled")
FAULTS = (
    "none",
    "acr_too_low",
    "pid_missing",
    "wrong_iss",
    "wrong_nonce",
    "wrong_audience",
    "expired_id_token",
)
PROVIDERS = ("idporten", "ansattporten")


class SwitchError(ValueError):
    """A switch cannot be set so. Says what is allowed."""


@attrs.frozen
class Behaviour:
    """How one component behaves. `times` is the calls left, None = until changed."""

    mode: str = "normal"
    seconds: float = 3.0
    times: int | None = None
    how: str = "503"


NORMAL = Behaviour()


class Switches:
    """All switches; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._behaviour: dict[str, Behaviour] = {}
        self._faults: dict[str, str] = {}

    def set(
        self,
        component: str,
        mode: str,
        *,
        seconds: float = 3.0,
        times: int | None = None,
        how: str = "503",
    ) -> None:
        """Make a component behave in a mode.

        Raises:
            SwitchError: when the component, the mode or `how` is unknown.

        """
        _one_of(component, COMPONENTS, "component")
        _one_of(mode, MODES, "mode")
        _one_of(how, ("503", "close"), "how")
        with self._lock:
            self._behaviour[component] = Behaviour(mode, float(seconds), times, how)

    def take(self, component: str) -> Behaviour:
        """Give the behaviour for one call, and count the call."""
        with self._lock:
            behaviour = self._behaviour.get(component, NORMAL)
            if behaviour.times is not None:
                left = behaviour.times - 1
                self._behaviour[component] = (
                    attrs.evolve(behaviour, times=left) if left > 0 else NORMAL
                )
            return behaviour

    def set_fault(self, provider: str, fault: str) -> None:
        """Make a login provider lie in its next login.

        Raises:
            SwitchError: when the provider or the fault is unknown.

        """
        _one_of(provider, PROVIDERS, "provider")
        _one_of(fault, FAULTS, "fault")
        with self._lock:
            self._faults[provider] = fault

    def take_fault(self, provider: str) -> str:
        """Give the fault for one login, and forget it."""
        with self._lock:
            return self._faults.pop(provider, "none")

    def reset(self) -> None:
        """Make everything normal."""
        with self._lock:
            self._behaviour.clear()
            self._faults.clear()

    def as_json(self) -> dict[str, Any]:
        """Give the state of all switches."""
        with self._lock:
            return {
                "components": {
                    name: attrs.asdict(self._behaviour.get(name, NORMAL)) for name in COMPONENTS
                },
                "faults": {name: self._faults.get(name, "none") for name in PROVIDERS},
            }


def _one_of(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        msg = f"Unknown {what} '{value}'. Use one of: {', '.join(allowed)}."
        raise SwitchError(msg)
