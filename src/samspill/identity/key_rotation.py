"""Change the keys that we sign with, one safe step at a time (NSM's principles; ID-porten caches what is published).

    publish   a new key is made and published, and not used yet
    sign      a day later it signs; the old one stays published for what it has signed
    retire    a day after that the old one is destroyed

`rotate_keys` takes the step that is due, or says when the next one is. What has been done stands in a small file
beside the key file, so that nobody has to remember; a key file that was changed by hand is begun anew.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Literal

import attrs

from samspill.identity.adapters import keys, providers
from samspill.infra import clock

Step = Literal["published", "signing", "retired", "waiting"]
USUAL_WAIT = dt.timedelta(hours=24)


@attrs.frozen(kw_only=True)
class Rotated:
    """Say what was done with one key file, with which key, and when the next step may be taken."""

    file: str
    step: Step
    kid: str
    next_step: str
    next_at: dt.datetime | None


def rotate_keys(*, wait: dt.timedelta = USUAL_WAIT) -> tuple[Rotated, ...]:
    """Take the step that is due for every key file that we publish from.

    Args:
        wait: how long a key is published before it signs, and the old one after; providers cache for a day.

    Raises:
        KeyFileError: a file that cannot be read, or holds no key.
    """
    providers.provider_for("citizen")
    files = dict.fromkeys(path for path in providers.key_files() if path.exists())
    return tuple(_rotate(path, wait) for path in files)


def _rotate(path: Path, wait: dt.timedelta) -> Rotated:
    found, state, now = keys.load_keys(path), noted(path), clock.now()
    kids = [str(key.kid) for key in found]
    if len(kids) == 1:
        kid = keys.add_key(path)
        note(path, kid, now)
        return told(path, "published", kid, "sign", now + wait)
    newest = state["kid"] if state["kid"] in kids else ""
    if not newest:  # changed by hand: what is there counts as published now
        newest = kids[-1]
        note(path, newest, now)
        return told(path, "waiting", newest, "sign", now + wait)
    due = dt.datetime.fromisoformat(state["at"]) + wait
    signing = kids[0] == newest
    if now < due:
        return told(path, "waiting", newest, "retire" if signing else "sign", due)
    if not signing:
        keys.promote_key(path)
        note(path, newest, now)
        return told(path, "signing", newest, "retire", now + wait)
    keys.retire_key(path)
    forget_note(path)
    return told(path, "retired", newest, "publish", None)


def told(path: Path, step: Step, kid: str, following: str, at: dt.datetime | None) -> Rotated:
    """Return what was done with a file."""
    return Rotated(file=path.name, step=step, kid=kid, next_step=following, next_at=at)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.rotation.json")


def noted(path: Path) -> dict[str, str]:
    """Return what was noted of a file: the id of the newest key, and when its last step was."""
    try:
        found = json.loads(_beside(path).read_text("utf-8"))
        return {
            **{name: str(value) for name, value in found.items()},
            "kid": str(found["kid"]),
            "at": str(found["at"]),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"kid": "", "at": ""}


def note(path: Path, kid: str, at: dt.datetime, **more: str) -> None:
    """Note a step beside the file."""
    part = _beside(path).with_suffix(".part")
    part.write_text(json.dumps({"kid": kid, "at": at.isoformat(), **more}), "utf-8")
    part.replace(_beside(path))


def forget_note(path: Path) -> None:
    """Forget what was noted of a file: its rotation is over."""
    _beside(path).unlink(missing_ok=True)
