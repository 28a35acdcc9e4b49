"""A receipt is checked in the browser with the same result as by the program, and no changed byte passes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Page

from samspill.infra.proof import keys, notes, offline

ORIGIN = "http://127.0.0.1:9"
ALL = """async ([text, key, step]) => {
  const check = document.getElementById("kontroll").check;
  const passed = [];
  for (let at = 0; at < text.length; at += step) {
    const other = text[at] === "1" ? "2" : "1";
    if ((await check(text.slice(0, at) + other + text.slice(at + 1), key)).ok) passed.push(at);
  }
  return passed;
}"""


def a_receipt(signer: notes.Signer) -> dict[str, Any]:
    """A receipt of the fourth of seven events; no database is needed for it."""
    at = "2026-11-22T12:00:00.000000Z"
    parts = {
        "what": {"action": "read", "purpose": "handle the case – æøå", "fields": [], "case": None},
        "role": {"kind": "employee", "roles": ["municipality_caseworker"]},
        "who": {"actor": "x"},
    }
    salts = {name: hashlib.sha256(name.encode()).hexdigest() for name in parts}
    event = {"id": 17, "at": at, "parts": parts, "salts": salts, "held_back": {}}
    whole = json.loads(offline.entry_of(event))
    leaves = [offline.leaf_hash(b"%d" % n) for n in range(7)]
    leaves[3] = offline.leaf_hash(offline.entry_of(event))
    pairs = [offline.node_hash(leaves[n], leaves[n + 1]) for n in (0, 2, 4)]
    right = offline.node_hash(pairs[2], leaves[6])
    checkpoint = notes.Checkpoint(
        origin=signer.key.name,
        size=7,
        root=offline.root_of(leaves),
        at=dt.datetime(2026, 11, 22, 12, 1, tzinfo=dt.UTC),
    )
    opened = {name: parts[name] for name in ("what", "role")}
    return {
        "format": "samspill-log-receipt/1",
        "event": {"id": 17, "at": at, "parts": opened},
        "salts": {name: salts[name] for name in opened},
        "held_back": {"who": whole["who"]},
        "proof": {
            "index": 3,
            "size": 7,
            "path": [step.hex() for step in (leaves[2], pairs[0], right)],
        },
        "checkpoint": notes.joined(checkpoint.as_text(), [signer.sign(checkpoint.as_text())]),
        "key": signer.key.as_text(),
    }


@pytest.fixture
def sealed(settings: Any, tmp_path: Path) -> dict[str, Any]:
    """A receipt as it is downloaded, with the page that checks it."""
    settings.SAMSPILL = {**settings.SAMSPILL, "keys": tmp_path / "keys"}
    signer = keys.log_signer()
    client = Client()
    client.cookies["sprak"] = "en"
    shown = client.get("/logg/kontroller/")
    return {
        "text": json.dumps(a_receipt(signer), indent=1, ensure_ascii=False),
        "key": signer.key.as_text(),
        "page": shown.content.decode(),
        "policy": shown["Content-Security-Policy"],
        "script": Path(str(finders.find("site/check-receipt.js"))).read_text(),
    }


def test_no_changed_byte_passes_in_the_browser(sealed: dict[str, Any], page: Page, tmp_path: Path):
    assert offline.check_receipt(json.loads(sealed["text"]), sealed["key"])["ok"]
    file = tmp_path / "kvittering.json"
    file.write_text(sealed["text"])
    asked: list[str] = []

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        if route.request.url.endswith("check-receipt.js"):
            route.fulfill(body=sealed["script"], content_type="text/javascript")
        elif route.request.url == f"{ORIGIN}/logg/kontroller/":
            headers = {"Content-Security-Policy": sealed["policy"]}
            route.fulfill(
                body=sealed["page"], content_type="text/html; charset=utf-8", headers=headers
            )
        else:
            route.fulfill(status=404)

    page.route("**/*", answer)
    page.goto(f"{ORIGIN}/logg/kontroller/")
    page.wait_for_load_state("networkidle")
    before = list(asked)
    page.set_input_files("#receipt", str(file))
    page.click("#kontroll button")
    page.wait_for_selector("#svar[data-color=success]")
    assert "The receipt is true" in page.inner_text("#svar")
    assert not page.inner_text("#svar").endswith("Z"), "a time in words, not as machines write it"
    file.write_text(sealed["text"].replace("handle the case", "handle the cake"))
    page.set_input_files("#receipt", str(file))
    page.click("#kontroll button")
    page.wait_for_selector("#svar[data-color=danger]")
    assert page.evaluate(ALL, [sealed["text"], sealed["key"], 1]) == []
    assert [url for url in asked if not url.endswith(".ico")] == [
        url for url in before if not url.endswith(".ico")
    ]
