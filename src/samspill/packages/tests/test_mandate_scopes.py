"""Which scopes of mandates may open a service: codes in use, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from samspill.packages import service
from samspill.packages.tests.builders import a_folder


def checked(folder: Path, *codes: str) -> service.CheckReport:
    for name, content in a_folder().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    told = (folder / "service.yaml").read_text("utf-8").rstrip()
    listed = ", ".join(f'"{code}"' for code in codes)
    (folder / "service.yaml").write_text(f"{told}\nmandate_scopes: [{listed}]\n", "utf-8")
    return service.check(folder)


def test_scopes_of_ours_of_guardians_and_of_altinn_open_a_service(tmp_path: Path) -> None:
    codes = (
        "husbanken:bostoette",
        "kommune:sosialeTjenester",
        "altinn:innbygger-stotte-tilskudd",
        "nav:arbeid",
    )
    assert checked(tmp_path, *codes).errors == ()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("husbanken:bostotte", "not a known"),
        ("skatteetaten:innkreving", "retired"),
        ("*", "not a known"),
    ],
)
def test_another_code_is_refused_with_file_name_and_remedy(
    tmp_path: Path, code: str, words: str
) -> None:
    (fault,) = checked(tmp_path, "husbanken:bostoette", code).errors
    assert (fault.file, fault.key) == ("service.yaml", "mandate_scopes[1]")
    assert words in fault.message
    assert code in fault.message
    assert fault.remedy
