"""Before the system opens: changed static files are noticed and collected; patience is a setting."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command

from samspill.site import preparing, supervisor
from samspill.site.production import refusals


@pytest.fixture
def copies(settings, tmp_path: Path) -> Path:
    """Give an installation with one source folder and its collected copies."""
    source = tmp_path / "source"
    (source / "site").mkdir(parents=True)
    (source / "site" / "own.css").write_text("p{color:red}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "copies"
    from django.contrib.staticfiles import finders

    finders.get_finder.cache_clear()
    preparing.collect_static_if_changed()
    yield settings.STATIC_ROOT
    finders.get_finder.cache_clear()


def source_of(copies: Path) -> Path:
    return copies.parent / "source" / "site" / "own.css"


def newer(path: Path) -> None:
    later = time.time() + 5
    os.utime(path, (later, later))


def test_a_changed_source_is_collected_at_start_and_once(copies: Path) -> None:
    assert preparing.collect_static_if_changed() == []
    source_of(copies).write_text("p{color:blue}")
    newer(source_of(copies))
    said: list[str] = []
    assert preparing.collect_static_if_changed(say=said.append) == ["site/own.css"]
    assert said == ["Static files … (1 changed)"]
    assert (copies / "site" / "own.css").read_text() == "p{color:blue}"
    assert preparing.collect_static_if_changed() == []


def test_a_source_that_is_newer_and_the_same_is_left(copies: Path) -> None:
    newer(source_of(copies))
    assert preparing.collect_static_if_changed() == []


def test_a_new_source_is_noticed(copies: Path) -> None:
    source_of(copies).with_name("more.css").write_text("a{}")
    assert preparing.collect_static_if_changed() == ["site/more.css"]


def test_a_start_without_the_collected_files_is_refused(settings, copies: Path) -> None:
    def said() -> str:
        return " ".join(
            one.as_error()["message"] for one in refusals() if one.where == "SAMSPILL_STATIC"
        )

    named = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"  # as it is when it runs
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": named}}
    assert "The static files are not collected" in said()
    call_command("collectstatic", verbosity=0, interactive=False)
    assert said() == ""
    source_of(copies).write_text("p{color:blue}")
    newer(source_of(copies))
    assert "as this version has them: 1." in said()  # an older version's copies are not enough
    assert "SAMSPILL_STATIC" not in {one.where for one in refusals(serves=False)}
    preparing.collect_static_if_changed()
    assert said() == ""
    (copies / "staticfiles.json").unlink()  # no name could be found
    assert "The static files are not collected" in said()


def test_copies_that_cannot_be_written_are_told_of_with_the_remedy(monkeypatch) -> None:
    def closed(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(preparing, "collect_static_if_changed", closed)
    with pytest.raises(supervisor.StartError, match="Permission denied") as caught:
        supervisor._collect_static()
    assert "SAMSPILL_STATIC" in caught.value.remedy


@pytest.mark.parametrize("given", ["0", "-5", "soon", "", "1.5"])
def test_patience_that_is_no_number_of_seconds_is_refused(monkeypatch, given: str) -> None:
    monkeypatch.setenv("SAMSPILL_PATIENCE", given)
    with pytest.raises(supervisor.StartError, match="SAMSPILL_PATIENCE"):
        supervisor._patience()


def test_waiting_tells_that_it_waits_and_for_what(monkeypatch, capsys) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    child = supervisor._Child("web", [], process)
    monkeypatch.setattr(supervisor, "_TELL_S", 0.2)
    try:
        with pytest.raises(supervisor.StartError, match="within 1 seconds"):
            supervisor._wait_until_ready(address, [child], 1)
    finally:
        process.kill()
        process.wait()
    assert "Waiting for the web" in capsys.readouterr().err
