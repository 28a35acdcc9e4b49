"""A folder of files becomes a `Package`, or a list of everything that is wrong with it.

This module reads shapes only; what must hold between files is in `checking`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from attrs import evolve, field, frozen

from samspill.packages.domain import file_shapes, model
from samspill.packages.domain.shapes import (
    BAD,
    Cursor,
    Parser,
    all_good,
    record,
    required,
    text,
)
from samspill.packages.domain.source import Document, PackageError, read_yaml
from samspill.rules.errors import LoadError

REQUIRED_FILES: Final = ("service.yaml", "data.yaml", "form.yaml", "process.yaml", "texts/nb.yaml")
_YAML_FILES: Final = frozenset(
    f"{name}.yaml"
    for name in [
        "service",
        "data",
        "form",
        "process",
        "conditions",
        "registers",
        "parties",
        "documents",
        "delivery",
        "archive",
        "settings",
        "gains",
    ]
)
_OTHER_FILES: Final = re.compile(
    r"texts/(nb|nn|en|se)\.yaml|examples/[a-z0-9][a-z0-9_\-]*\.yaml|letters/[a-z][a-z0-9_]*\.(nb|nn|en|se)\.md"
    r"|[a-z_][a-z0-9_]*\.py|parameters\.yaml|(README|[A-Z]+)\.md|(data|tables)/[\w\-]+\.(csv|yaml)"
)


@frozen
class ReadResult:
    """What was read: the package when nothing is wrong with its shapes, and where everything stands."""

    package: model.Package | None
    errors: tuple[LoadError, ...]
    documents: Mapping[str, Document] = field(factory=dict)

    def line(self, file: str, *path: str | int) -> int:
        """Return the line of a key in a file (1 when the file is not YAML)."""
        document = self.documents.get(file)
        return document.line(path) if document else 1


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of the whole: of the sorted lines `<sha256>  <path>`, one a file."""
    return hashlib.sha256(lock_lines(files).encode()).hexdigest()


def lock_lines(files: Mapping[str, bytes]) -> str:
    """Return one line `<sha256>  <path>` a file, sorted by path (the form of `sha256sum`)."""
    return "".join(
        f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n"
        for path in sorted(files)
        if path != "package.lock"
    )


def load(files: Mapping[str, bytes]) -> model.Package:
    """Return the package of a folder's files.

    Raises:
        PackageError: the shapes are wrong; every fault is listed.
    """
    result = read(files)
    if result.package is None:
        raise PackageError(result.errors)
    return result.package


def load_published(files: Mapping[str, bytes]) -> model.Package:
    """Return a published package from its frozen files; its examples were run then, and are left unread.

    Raises:
        PackageError: the files are not those of a package that passed check.
    """
    needed = {path: content for path, content in files.items() if not path.startswith("examples/")}
    return evolve(load(needed), sha256=content_hash(files), files=dict(files))


def read(files: Mapping[str, bytes]) -> ReadResult:
    """Read a folder's files (path → bytes) and note every fault."""
    errors: list[LoadError] = []
    _check_files(files, errors)
    documents = {}
    for path, content in sorted(files.items()):
        if path in _YAML_FILES or path.startswith(("texts/", "examples/")):
            document = read_yaml(path, content, errors)
            if document:
                documents[path] = document
    reader = _Reader(files, documents, errors)
    parts = reader.parts()
    if errors or any(part is BAD for part in parts.values()):
        return ReadResult(None, tuple(errors), documents)
    package = model.Package(sha256=content_hash(files), files=dict(files), **parts)
    return ReadResult(package, (), documents)


def _check_files(files: Mapping[str, bytes], errors: list[LoadError]) -> None:
    shown = "Add it; `samspill package new` shows one."
    lacking = [path for path in REQUIRED_FILES if path not in files]
    errors.extend(_file_fault(path, "The file is missing.", shown) for path in lacking)
    known = _YAML_FILES | {"package.lock"}
    strange = [path for path in files if path not in known and not _OTHER_FILES.fullmatch(path)]
    remedy = "Remove it, or see the list in docs/rooms/packages.md."
    errors.extend(_file_fault(path, "A package has no such file.", remedy) for path in strange)


def _file_fault(path: str, message: str, remedy: str) -> LoadError:
    return LoadError(file=path, line=1, key="", message=message, remedy=remedy)


@frozen
class _Reader:
    files: Mapping[str, bytes]
    documents: Mapping[str, Document]
    errors: list[LoadError]

    def parts(self) -> dict[str, Any]:
        """Parse each file; a file that is not there is left to the default of the class."""
        plans: tuple[tuple[str, str, Parser], ...] = (
            ("service", "service.yaml", file_shapes.SERVICE),
            (
                "fields",
                "data.yaml",
                record(lambda fields: fields, required("fields", file_shapes.fields_under(""))),
            ),
            ("form", "form.yaml", file_shapes.FORM),
            ("process", "process.yaml", file_shapes.PROCESS),
            ("conditions", "conditions.yaml", file_shapes.CONDITIONS),
            ("lookups", "registers.yaml", file_shapes.named("lookups", file_shapes.lookup)),
            ("parties", "parties.yaml", file_shapes.named("parties", file_shapes.party)),
            ("documents", "documents.yaml", file_shapes.named("documents", file_shapes.document)),
            ("delivery", "delivery.yaml", file_shapes.DELIVERY),
            ("archive", "archive.yaml", file_shapes.ARCHIVE),
            ("settings", "settings.yaml", file_shapes.named("settings", file_shapes.setting)),
            ("gains", "gains.yaml", file_shapes.GAINS),
        )
        parts = {
            name: parser(self._cursor(path))
            for name, path, parser in plans
            if path in self.documents
        }
        parts["texts"] = self._texts()
        parts["examples"] = self._examples()
        parts["letters"] = self._letters()
        return parts

    def _cursor(self, path: str) -> Cursor:
        document = self.documents[path]
        return Cursor(document, (), document.value, self.errors)

    def _texts(self) -> model.Texts:
        languages = {}
        for path in sorted(self.documents):
            if path.startswith("texts/"):
                flat: dict[str, str] = {}
                _flatten(self._cursor(path), "", flat)
                languages[PurePosixPath(path).stem] = flat
        return model.Texts(languages)

    def _examples(self) -> Any:
        paths = [path for path in sorted(self.documents) if path.startswith("examples/")]
        return all_good(
            [file_shapes.example(PurePosixPath(path).stem)(self._cursor(path)) for path in paths]
        )

    def _letters(self) -> dict[str, model.Letter]:
        bodies: dict[str, dict[str, str]] = {}
        for path in sorted(self.files):
            if path.startswith("letters/") and _OTHER_FILES.fullmatch(path):
                letter, language, _ = PurePosixPath(path).name.split(".")
                try:
                    bodies.setdefault(letter, {})[language] = self.files[path].decode("utf-8")
                except UnicodeDecodeError:
                    self.errors.append(
                        _file_fault(path, "The file is not UTF-8.", "Save it as UTF-8.")
                    )
        return {name: model.Letter(name, found) for name, found in bodies.items()}


def _flatten(cursor: Cursor, prefix: str, into: dict[str, str]) -> None:
    if isinstance(cursor.value, dict):
        for name in cursor.value:
            _flatten(cursor.at(name), f"{prefix}.{name}" if prefix else name, into)
    elif isinstance(cursor.value, str) and cursor.value.strip():
        into[prefix] = cursor.value.strip()
    else:
        text(cursor)
