"""A real PostgreSQL for the tests: the embedded server, one database for each pytest process.

With `SAMSPILL_TEST_DATABASE_URL` the tests run against another server instead.
"""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(os.environ.get("SAMSPILL_TEST_DATA", Path(__file__).parent / ".cache" / "postgres"))


def _server_url() -> str:
    given = os.environ.get("SAMSPILL_TEST_DATABASE_URL")
    if given:
        return given
    from samspill.infra import database

    # Left running at exit: the next run starts at once, and other runs may share it.
    return database.start(_FOLDER, cleanup_mode=None).get_uri("postgres")


if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["DATABASE_URL"] = _server_url()
    os.environ["SAMSPILL_TEST_DB"] = f"samspill_test_{os.getpid()}"
os.environ.setdefault("SAMSPILL_KEYS", str(_FOLDER.parent / "keys"))
os.environ.setdefault("SAMSPILL_FILES", str(_FOLDER.parent / "files"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings_test")
