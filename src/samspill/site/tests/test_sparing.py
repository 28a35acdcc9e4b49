"""What a process that serves has read when it is ready, and what it must not have."""

from __future__ import annotations

import json
import subprocess
import sys

_ASK = """
import gc, json, linecache, sys
from samspill.site import wsgi
from psycopg import sql
from samspill.kernel.later import _Later

sql.Literal(2).as_string(None)
waiting = [name for name, module in sys.modules.items() if isinstance(module, _Later)]
texts = sum(1 for name in linecache.cache if name.startswith("<attrs"))
frozen = gc.get_freeze_count()
api = "ninja" in sys.modules
from django.urls import resolve, reverse
found = resolve("/api/v1/packages/bostotte/compute")
made = reverse("api:compute", args=["bostotte"])
from samspill.impact.domain import distributions
from django.test import Client
import numpy
print(json.dumps({"waiting": sorted(waiting), "texts": texts, "frozen": frozen,
    "api": [api, found.view_name, made],
    "read": [Client.__name__, numpy.ones(2).sum() == 2]}, default=bool))
"""


def test_a_web_process_that_knows_all_its_addresses_has_not_read_the_large_libraries_and_can():
    answer = subprocess.run(
        [sys.executable, "-c", _ASK], capture_output=True, text=True, check=True, timeout=120
    )
    said = json.loads(answer.stdout.splitlines()[-1])
    assert said["waiting"] == ["cel", "django.test", "numpy", "scipy"]
    assert said["texts"] == 0
    assert said["frozen"] > 100_000
    assert said["read"] == ["Client", True]
    assert said["api"] == [False, "api:compute", "/api/v1/packages/bostotte/compute"]
