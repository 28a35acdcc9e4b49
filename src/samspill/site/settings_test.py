"""Settings of the test run: a database of its own, plain static files, warnings are errors elsewhere."""

from __future__ import annotations

import os

from samspill.site.settings import *  # noqa: F403 - the same settings, a few replaced
from samspill.site.settings import DATABASES, STORAGES

DATABASES["default"]["TEST"] = {"NAME": os.environ.get("SAMSPILL_TEST_DB", "samspill_test")}
DATABASES["default"]["OPTIONS"].pop("pool", None)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
SECRET_KEY = "only-for-tests"  # noqa: S105
