"""The process that sets documents: it is started again when it is gone, and never outlives who asks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from samspill.infra import pdf, pdf_press

_CODE = "from samspill.infra import pdf; import sys; pdf.render('= A', title='A', language='nb')"


def test_a_process_that_was_killed_is_started_again():
    first = pdf.render("= Før", title="t", language="nb")
    process = pdf._press._process
    process.kill()
    process.wait()
    assert pdf.render("= Etter", title="t", language="nb").startswith(b"%PDF")
    assert first.startswith(b"%PDF")


def test_who_asks_holds_no_typst_and_leaves_no_process():
    code = (
        f"{_CODE}; assert 'typst' not in sys.modules; "
        "print(pdf._press._process.pid, flush=True); import os; os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert killed.returncode == -9
    _wait_for(int(killed.stdout))


def _wait_for(pid: int) -> None:
    """Wait until a process that is not our child has ended: its pidfd tells."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert pdf_press.select.select([fd], [], [], 30)[0], "the process lives on"
    finally:
        os.close(fd)


def test_a_message_that_is_cut_off_is_the_end_and_not_a_shorter_message():
    out, into = os.pipe()
    os.write(into, (10).to_bytes(4, "big") + b"short")
    os.close(into)
    try:
        assert pdf_press.receive(out, within=5) is None
    finally:
        os.close(out)


def test_nothing_within_the_time_is_told():
    out, into = os.pipe()
    try:
        pdf_press.send(into, json.dumps({"a": 1}).encode())
        assert pdf_press.receive(out, within=5) == b'{"a": 1}'
        with pytest.raises(TimeoutError):
            pdf_press.receive(out, within=0.01)
    finally:
        os.close(out)
        os.close(into)
