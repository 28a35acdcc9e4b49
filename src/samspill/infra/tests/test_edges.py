"""Files, calls, PDFs, log lines and the production check, each against the real thing."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import socketserver
import struct
import threading
import uuid
from typing import NamedTuple

import pikepdf
import pytest
from PIL import Image
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from samspill.infra import clock, files, http, logs, pdf
from samspill.infra.canonical import canonical_json, compact_json
from samspill.kernel.actor import Actor


class _Pair(NamedTuple):
    name: str
    count: int


CITIZEN = Actor(kind="citizen", person_id=uuid.uuid4())
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def a_picture(kind: str = "JPEG") -> bytes:
    picture = Image.new("RGB", (40, 20), "teal")
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    exif[0x8825] = {1: "N", 2: (59.0, 54.0, 0.0)}
    out = io.BytesIO()
    picture.save(out, format=kind, exif=exif)
    return out.getvalue()


@pytest.fixture(autouse=True)
def own_folder(tmp_path, settings):
    settings.SAMSPILL = {**settings.SAMSPILL, "files": tmp_path, "clamd": ""}


@pytest.mark.django_db
def test_a_picture_is_kept_without_position_and_camera():
    stored = files.store(a_picture(), filename="../../rent.jpg", owner_id=None, actor=CITIZEN)
    row, data = files.read(stored.id, actor=CITIZEN, purpose="test")
    assert row.filename == "rent.jpg"
    assert row.scan == "not_scanned"
    assert dict(Image.open(io.BytesIO(data)).getexif()) == {}
    assert b"a camera" not in data


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<html><script>", "type"),
        (b"MZ\x90\x00", "type"),
        (a_picture()[:200], "damaged"),
        (b"%PDF-1.7 half", "damaged"),
        (b"%PDF-" + b"0" * files.MAX_BYTES, "too_large"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused(content, reason):
    refused = files.store(content, filename="x.pdf", owner_id=None, actor=CITIZEN)
    assert refused == files.FileRefused(reason, "x.pdf")


@pytest.mark.django_db
def test_one_content_is_kept_once_and_goes_with_its_last_owner(settings):
    first = files.store(a_picture("PNG"), filename="a.png", owner_id=None, actor=CITIZEN)
    second = files.store(a_picture("PNG"), filename="b.png", owner_id=None, actor=CITIZEN)
    path = settings.SAMSPILL["files"] / first.sha256[:2] / first.sha256
    assert first.sha256 == second.sha256
    files.forget(first.id)
    assert path.exists()
    files.forget(second.id)
    assert not path.exists()


@pytest.mark.django_db
def test_a_changed_content_is_noticed(settings):
    stored = files.store(a_picture(), filename="a.jpg", owner_id=None, actor=CITIZEN)
    (settings.SAMSPILL["files"] / stored.sha256[:2] / stored.sha256).write_bytes(b"other")
    with pytest.raises(OSError, match="does not match"):
        files.read(stored.id, actor=CITIZEN, purpose="test")


class Clamd(socketserver.BaseRequestHandler):
    """Speaks clamd's INSTREAM: length-prefixed chunks, a zero length, one answer."""

    def handle(self):
        stream = self.request.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        data = b""
        while size := struct.unpack("!I", stream.read(4))[0]:
            data += stream.read(size)
        found = b"stream: Eicar-Test FOUND\0" if b"EICAR" in data else b"stream: OK\0"
        self.request.sendall(found)


@pytest.mark.django_db
def test_files_are_scanned_when_a_scanner_is_set_and_stopped_when_it_is_down(settings):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.SAMSPILL["clamd"] = f"127.0.0.1:{server.server_address[1]}"
        clean = files.store(a_picture(), filename="a.jpg", owner_id=None, actor=CITIZEN)
        infected = b"%PDF-1.7 " + EICAR + b" %%EOF"
        bad = files.store(infected, filename="b.pdf", owner_id=None, actor=CITIZEN)
        server.shutdown()
    assert clean.scan == "clean"
    assert bad == files.FileRefused("virus", "b.pdf")
    down = files.store(a_picture(), filename="a.jpg", owner_id=None, actor=CITIZEN)
    assert down == files.FileRefused("scanner_down", "a.jpg")


@pytest.fixture
def component():
    """A small HTTP component whose next answers a test decides."""
    answers: list[tuple[int, dict[str, str]]] = []
    seen: list[Request] = []

    @Request.application
    def app(request: Request) -> Response:
        seen.append(request)
        status, headers = answers.pop(0) if answers else (200, {})
        return Response("{}", status=status, headers=headers)

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    http.reset_circuits()
    yield f"http://127.0.0.1:{server.server_port}", answers, seen
    server.shutdown()
    http.reset_circuits()


def test_a_repeatable_call_is_tried_again_and_an_unrepeatable_one_is_not(component):
    address, answers, seen = component
    client = http.Client("lab", address)
    answers[:] = [(503, {}), (200, {})]
    assert client.get("/", operation="look").status_code == 200
    answers[:] = [(503, {})]
    with pytest.raises(http.ComponentError) as caught:
        client.post("/", operation="send", json={})
    assert (caught.value.kind, len(seen)) == ("unavailable", 3)
    assert {request.headers["x-request-id"] for request in seen[:2]} == {
        seen[0].headers["x-request-id"]
    }


def test_a_component_that_keeps_failing_is_left_alone(component):
    address, answers, seen = component
    client = http.Client("lab", address, retries=0)
    answers[:] = [(500, {})] * 5
    for _ in range(5):
        with pytest.raises(http.ComponentError):
            client.get("/", operation="look")
    with pytest.raises(http.ComponentError) as caught:
        client.get("/", operation="look")
    assert len(seen) == 5
    assert caught.value.retry_after > 1
    assert http.circuit_states()["lab"].startswith("open")


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "invalid"), (401, "denied"), (403, "denied"), (404, "notfound"), (410, "expired")]
)  # fmt: skip
def test_each_refusal_has_its_kind_and_is_not_repeated(component, status, kind):
    address, answers, seen = component
    answers[:] = [(status, {})]
    with pytest.raises(http.ComponentError) as caught:
        http.Client("lab", address).get("/", operation="look")
    assert (caught.value.kind, len(seen)) == (kind, 1)


def test_a_wish_to_wait_longer_than_the_budget_is_passed_on(component):
    address, answers, seen = component
    answers[:] = [(429, {"retry-after": "60"})]
    with pytest.raises(http.ComponentError) as caught:
        http.Client("lab", address, budget_s=2).get("/", operation="look")
    assert (caught.value.kind, caught.value.retry_after, len(seen)) == ("throttled", 60, 1)


@pytest.mark.parametrize(
    ("header", "unit", "seconds"),
    [
        ("60", "s", 60.0),
        ("60000", "ms", 60.0),
        ("Mon, 10 Aug 2026 10:01:00 GMT", "s", 60.0),
        ("Mon, 10 Aug 2026 10:01:00 GMT", "ms", 60.0),
        ("Mon, 10 Aug 2026 09:00:00 GMT", "s", 0.0),
        ("soon", "s", None),
        ("", "s", None),
    ],
)
def test_a_wish_to_wait_is_read_in_the_components_own_unit(component, header, unit, seconds):
    address, answers, _seen = component
    answers[:] = [(429, {"retry-after": header})]
    client = http.Client("lab", address, retries=0, waits_in=unit)
    with (
        clock.frozen(dt.datetime(2026, 8, 10, 10, tzinfo=dt.UTC)),
        pytest.raises(http.ComponentError) as caught,
    ):
        client.get("/", operation="look")
    assert caught.value.retry_after == seconds


def test_an_address_that_is_not_set_says_so():
    with pytest.raises(http.ComponentError, match="its address is not set"):
        http.Client("krr", "").get("/", operation="contact")


def test_a_pdf_is_tagged_and_archivable():
    made = pdf.render(
        "= Vedtak\nBeløp: #data.values.amount kroner",
        title="Brev",
        language="nn",
        data={"amount": "6 130"},
    )
    document = pikepdf.open(io.BytesIO(made))
    metadata = document.open_metadata()
    assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
    assert metadata["dc:title"] == "Brev"
    assert str(document.Root.Lang) == "nn-NO"
    assert bool(document.Root.MarkInfo.Marked)
    assert "/StructTreeRoot" in document.Root


@pytest.mark.parametrize(
    "text", ["#eval(1)", "$x$ *b* _i_ `c` @ref <l> \\ // /* = - + [a] ~ \"'", "æøå áčđŋšŧž"]
)
def test_no_text_can_be_markup_of_a_pdf(text):
    source = "[" + pdf.escape(text) + "]"
    assert pdf.render("#" + source, title="t", language="nb").startswith(b"%PDF")


def test_bad_typst_is_an_error_that_says_where():
    with pytest.raises(pdf.PdfError):
        pdf.render("#unknown()", title="t", language="nb")


def test_a_log_line_shows_no_identity_number_and_cannot_be_forged():
    record = logging.LogRecord("x", logging.INFO, "", 0, "for 17912099997\nfake line", (), None)
    line = logs.LineFormatter().format(record)
    assert "17912099997" not in line
    assert "\n" not in line
    assert json.loads(line)["says"] == "for [number]\nfake line"


def test_equal_values_have_one_text():
    assert canonical_json({"b": 1, "a": [1.5, None]}) == '{"a":[1.5,null],"b":1}'
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(float("nan"))


def test_what_is_only_stored_says_the_same_as_what_is_hashed():
    amount = type("Amount", (float,), {})
    value = {
        "few": [1.0, -0.0, 1e16, 5e-324, True, None, 2**63 - 1],
        "text": 'å "\\ \u2028 \x00 \x7f',
        "day": dt.date(2026, 11, 23),
        "at": dt.datetime(2026, 11, 23, 1, 2, 3, 4, tzinfo=dt.UTC),
        "who": uuid.UUID(int=7),
        "pair": _Pair("a", 1),
        "own": amount(12.5),
        "kinds": frozenset({"b", "a"}),
    }
    for one in (value, {**value, "far": 2**70}):
        assert json.loads(compact_json(one)) == json.loads(canonical_json(one))
    assert json.loads(compact_json({7: value})) == {"7": json.loads(canonical_json(value))}
    assert compact_json([float("nan"), float("inf")]) == "[null,null]", "no number of JSON"
    with pytest.raises(TypeError, match="has no place in JSON"):
        compact_json({"x": object()})
