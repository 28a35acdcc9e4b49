"""Small packages to test with: a whole one, and the same with parts exchanged."""

from __future__ import annotations

import datetime as dt
from typing import Any

import yaml

from samspill.packages.domain.checking import CheckReport, check_files
from samspill.packages.domain.creating import new_package
from samspill.packages.domain.model import Package

TODAY = dt.date(2026, 11, 22)


def a_folder(**files: str) -> dict[str, bytes]:
    """Give the files of a small working package; a keyword `data_yaml` replaces `data.yaml`, with `None` it is taken away."""
    found = new_package("trial", today=TODAY, owner="942114184")
    for name, text in files.items():
        path = name.replace("__", "/")
        path = path.removesuffix("_yaml") + ".yaml" if path.endswith("_yaml") else path
        if text is None:
            del found[path]
        else:
            found[path] = text.encode()
    return found


def edited(files: dict[str, bytes], path: str, old: str, new: str) -> dict[str, bytes]:
    """Give the files with one passage of one file exchanged (it must be there)."""
    text = files[path].decode()
    assert old in text, f"{old!r} is not in {path}"
    return {**files, path: text.replace(old, new).encode()}


def with_keys(files: dict[str, bytes], path: str, **keys: Any) -> dict[str, bytes]:
    """Give the files with top keys of a YAML file replaced."""
    value = {**yaml.load(files[path], Loader=yaml.BaseLoader), **keys} if path in files else keys
    return {**files, path: yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode()}


def checked(files: dict[str, bytes]) -> Package:
    """Give the package of files that pass check."""
    report = check_files(files)
    assert report.package is not None, "\n".join(map(str, report.errors))
    return report.package


def faults(report: CheckReport) -> list[tuple[str, str]]:
    """Give file and key of each fault."""
    return [(error.file, error.key) for error in report.errors]
