"""Publishing: read, compiled, and frozen; a package with a fault is refused whole."""

from __future__ import annotations

from pathlib import Path

from samspill.kernel.actor import Actor
from samspill.packages.domain import compiling, reading
from samspill.packages.service import store


def publish(path: Path, *, actor: Actor) -> store.Published:
    """Freeze the version in a folder.

    Raises:
        PackageError: the package has faults; every one is listed.
        RefusedError: the version is published with other content.
    """
    package = reading.load(store.read_folder(path))
    compiling.compile_package(package)
    return store.freeze(package, actor=actor)
