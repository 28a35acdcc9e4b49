"""The commands of rules and of packages, as others script against them."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import samspill
from samspill.packages.service import store
from samspill.site.cli import main

ROOT = Path(samspill.__file__).parents[2]
SAID = {
    "resultat", "kode", "belop_mnd", "inntekt_aar", "vektet_inntekt_aar", "boutgifter_aar",
    "godkjente_boutgifter_aar", "egenandel_aar", "uavrundet_mnd", "parametre",
}  # fmt: skip
SANDNES = {"kommunenummer": "1108", "barn": 2, "husleie_mnd": 14500, "oppvarming_inkludert": False}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """Give a function that runs a command on an input and returns what it wrote, line by line."""

    def one(*arguments: str, given: str | None = None, code: int = 0) -> str:
        if given is not None:
            (tmp_path / "input").write_text(given, encoding="utf-8")
            arguments = (*arguments, str(tmp_path / "input"))
        assert main(list(arguments)) == code
        return capsys.readouterr().out

    return one


def test_the_line_of_the_readme_computes(run: Any) -> None:
    page = (ROOT / "README.md").read_text()
    written = re.search(
        r"echo '(\{.*?\})' \\\n +\| samspill (rules compute .*)$", page, re.MULTILINE
    )
    assert written is not None
    said = json.loads(run(*shlex.split(written[2])[:-1], given=written[1]))
    assert (said["resultat"], said["kode"], said["belop_mnd"]) == ("innvilget", "V00", 6130)
    assert set(said) == SAID | {"forklaring"}
    assert said["egenandel_aar"] == pytest.approx(38_880.63, abs=0.005)
    for step in said["forklaring"]:
        assert set(step) == {"navn", "verdi", "enhet", "formel", "inn", "hjemmel"}


def test_the_limit_is_told_by_the_command(run: Any) -> None:
    command = ("rules", "limit", "bostotte", "--term", "2026-08")
    (limit,) = json.loads(run(*command, given=json.dumps(SANDNES))).values()
    compute = ("rules", "compute", "bostotte", "--term", "2026-08")
    at_cap = {**SANDNES, "husleie_mnd": 100_000}
    for income, granted in ((limit, "innvilget"), (limit + 1, "avslag")):
        given = json.dumps({**at_cap, "inntekt_aordning_mnd": income / 12})
        assert json.loads(run(*compute, given=given))["resultat"] == granted
    refused = json.loads(run(*command, given='{"kommunenummer": "9999"}', code=2))["error"]
    assert set(refused) == {"code", "message", "where", "remedy"}


def test_lines_and_tables_come_back_in_order(run: Any) -> None:
    command = ("rules", "compute", "bostotte", "--term", "2026-08")
    rents = [14_500, 3_000, 9_000]
    several = [{**SANDNES, "inntekt_aordning_mnd": 23_000, "husleie_mnd": rent} for rent in rents]
    lines = run(*command, given="\n".join(map(json.dumps, several))).splitlines()
    amounts = [json.loads(line)["belop_mnd"] for line in lines]
    assert amounts[0] == 6130
    assert amounts[0] > amounts[2] > amounts[1]  # as the rents were sent
    table = io.StringIO()
    writer = csv.DictWriter(table, list(several[0]))
    writer.writeheader()
    writer.writerows({**one, "oppvarming_inkludert": "false"} for one in several)
    rows = list(csv.DictReader(io.StringIO(run(*command, "--csv", given=table.getvalue()))))
    assert [int(row["belop_mnd"]) for row in rows] == amounts


@pytest.mark.django_db
def test_a_package_is_made_checked_published_and_compared_by_commands(
    run: Any, tmp_path: Path
) -> None:
    store._loaded.cache_clear()
    made = json.loads(run("package", "new", "parkering", "--path", str(tmp_path)))
    folder = Path(made["path"])
    assert made["next"] == f"samspill package check {folder}"
    checked = json.loads(run("package", "check", str(folder)))
    assert checked["errors"] == []
    assert checked["examples"]["passed"] == checked["examples"]["of"] > 0
    first = json.loads(run("package", "publish", str(folder)))
    service = folder / "service.yaml"
    changed = service.read_text().replace("Behandle søknad", "Behandle søknader")
    service.write_text(changed.replace("version: 0.1.0", "version: 1.0.0"))
    second = json.loads(run("package", "publish", str(folder)))
    assert (first["version"], second["version"]) == ("0.1.0", "1.0.0")
    listed = json.loads(run("package", "list"))
    assert {one["version"] for one in listed if one["package_id"] == "parkering"} >= {"1.0.0"}
    assert json.loads(run("package", "describe", "parkering", "--json"))["id"] == "parkering"
    step = json.loads(run("package", "diff", "parkering", "0.1.0", "1.0.0"))
    assert (step["from"], step["to"], step["level"]) == ("0.1.0", "1.0.0", "major")
    assert [one["file"] for one in step["entries"]]
    service.write_text(service.read_text().replace("purpose:", "purpos:"))
    broken = json.loads(run("package", "check", str(folder), code=2))
    assert {one["file"] for one in broken["errors"]} == {"service.yaml"}
