"""Settings of the test run: a real PostgreSQL, one database for each pytest process.

The embedded server is started (or joined) here, because Django reads its settings before any fixture runs.
With `SAMSPILL_TEST_DATABASE_URL` the tests run against another server instead.
"""

from __future__ import annotations

import os
from pathlib import Path

_CACHE = Path(os.environ.get("SAMSPILL_TEST_DATA", Path.cwd() / ".cache")).resolve()


def _server_url() -> str:
    given = os.environ.get("SAMSPILL_TEST_DATABASE_URL")
    if given:
        return given
    from samspill.infra import database

    # Left running at exit: the next run starts at once, and other runs may share it.
    return database.start(_CACHE / "postgres", cleanup_mode=None, durable=False).get_uri("postgres")


if "SAMSPILL_TEST_DB" not in os.environ:
    os.environ["DATABASE_URL"] = _server_url()
    os.environ["SAMSPILL_TEST_DB"] = f"samspill_test_{os.getpid()}"
os.environ["SAMSPILL_KEYS"] = str(_CACHE / "keys")
os.environ["SAMSPILL_FILES"] = str(_CACHE / "files")

from samspill.site.settings import *  # noqa: E402, F403 - the same settings, a few replaced
from samspill.site.settings import DATABASES, MIDDLEWARE, SAMSPILL, STORAGES  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": os.environ["SAMSPILL_TEST_DB"]}
DATABASES["default"]["OPTIONS"].pop("pool", None)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
SAMSPILL["limits"] = "off"  # tests of limits turn them on
SECRET_KEY = "only-for-tests"  # noqa: S105
MIDDLEWARE.insert(0, "samspill.infra.tests.restricted.RestrictedMiddleware")
