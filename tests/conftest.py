"""Fixtures for the tests that drive a browser: one system and one browser for each worker."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.system import HOUSEHOLDS, System, running

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The whole system, started as a person starts it, with a small population and no demo data.

    Not in pytest's folder: another pytest on the machine shuts that one for everybody but its owner, also for the
    user that PostgreSQL runs as.
    """
    with (
        tempfile.TemporaryDirectory(prefix="samspill-system-", ignore_cleanup_errors=True) as data,
        running(Path(data), "--no-demo", "--persons", str(HOUSEHOLDS)) as started,
    ):
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of the worker; without one the tests are skipped."""
    path = os.environ.get("SAMSPILL_CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A clean browser of its own, in bokmål, as wide as a desk."""
    opened = browser.new_context(
        locale="nb-NO", viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of the clean browser."""
    return context.new_page()
