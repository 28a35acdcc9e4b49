"""Who listens to whom. Rooms do not know their listeners; this page does."""

from __future__ import annotations


def connect() -> None:
    """Register every subscriber."""
