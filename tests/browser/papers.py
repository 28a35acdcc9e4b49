"""Papers that people add: a small PDF made on the spot."""

from __future__ import annotations

from pathlib import Path

import pikepdf


def a_contract(folder: Path) -> Path:
    """Make a one-page PDF and return its path."""
    path = folder / "leiekontrakt.pdf"
    if not path.exists():
        with pikepdf.new() as pdf:
            pdf.add_blank_page()
            pdf.save(path)
    return path
