"""Checkpoint, proofs and countersignatures over HTTP, for anybody. No personal data: hashes, sizes and times.

    GET  /log/checkpoint                           the newest checkpoint, a signed note
    GET  /log/checkpoints                          the last sixty, newest first
    GET  /log/key                                  the log's keys, and those of the witnesses it knows
    GET  /log/proof/inclusion?leaf=&size=          that a leaf (its number) is in the tree
    GET  /log/proof/consistency?from=&to=          that a tree is the beginning of another
    GET  /log/witness?size=                        who has countersigned a size
    POST /log/witness                              a witness hands in its countersignature

A proof for given sizes never changes and may be kept for ever. The addresses are opened by `site.urls`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from samspill.infra.proof import countersigning, export, keys, sealing, tree
from samspill.infra.proof.notes import NoteError

_FRESH, _FOR_EVER = "public, max-age=10", "public, max-age=31536000, immutable"
_LISTED = 60
_MAX_BODY = 20_000
_DIGITS = 15


class _AskedWronglyError(Exception):
    def __init__(self, where: str, message: str, remedy: str, status: int = 400) -> None:
        super().__init__(message)
        self.where, self.remedy, self.status = where, remedy, status


def _says_what_is_wrong(
    view: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def guarded(request: HttpRequest) -> HttpResponseBase:
        try:
            return view(request)
        except _AskedWronglyError as error:
            said = {"code": "bad_input" if error.status == 400 else "not_there"}  # noqa: PLR2004
            said |= {"message": str(error), "where": error.where, "remedy": error.remedy}
            return JsonResponse({"error": said}, status=error.status)

    return guarded


@require_GET
@_says_what_is_wrong
def checkpoint(request: HttpRequest) -> HttpResponseBase:
    """Give the newest checkpoint with the signatures of the log and of its witnesses."""
    del request
    found = _newest()
    lines = export.cosignatures([found.id]).get(found.id, [])
    note = export.with_signatures(found.note, lines)
    return HttpResponse(
        note, content_type="text/plain; charset=utf-8", headers={"Cache-Control": _FRESH}
    )


@require_GET
def checkpoints(request: HttpRequest) -> HttpResponseBase:
    """Give the last checkpoints, newest first."""
    del request
    return _json({"checkpoints": [one.note for one in sealing.latest(_LISTED)]}, _FRESH)


@require_GET
def key(request: HttpRequest) -> HttpResponseBase:
    """Give the log's name, its keys and the keys of its witnesses."""
    del request
    given = {
        "origin": keys.origin(),
        "keys": [one.as_text() for one in keys.log_keys()],
        "witnesses": [one.as_text() for one in keys.witnesses()],
    }
    return _json(given, "public, max-age=3600")


@require_GET
@_says_what_is_wrong
def inclusion(request: HttpRequest) -> HttpResponseBase:
    """Prove that a leaf is in the tree of a size (without one: the newest)."""
    newest = _newest().checkpoint.size
    size = _number(request, "size", newest, newest)
    index = _number(request, "leaf", None, size - 1)
    proof = tree.inclusion(index, size)
    given = {
        "index": index,
        "size": size,
        "leaf_hash": tree.leaf_at(index).hex(),
        "proof": [step.hex() for step in proof.steps],
        "root": proof.roots[0].hex(),
    }
    return _json(given, _FOR_EVER if "size" in request.GET else _FRESH)


@require_GET
@_says_what_is_wrong
def consistency(request: HttpRequest) -> HttpResponseBase:
    """Prove that the tree of one size is the beginning of that of another (without one: the newest)."""
    newest = _newest().checkpoint.size
    to = _number(request, "to", newest, newest)
    start = _number(request, "from", None, to)
    proof = tree.consistency(start, to)
    given = {
        "from": start,
        "to": to,
        "proof": [step.hex() for step in proof.steps],
        "root_from": proof.roots[0].hex(),
        "root_to": proof.roots[1].hex(),
    }
    return _json(given, _FOR_EVER if "to" in request.GET else _FRESH)


@csrf_exempt
@require_http_methods(["GET", "POST"])
@_says_what_is_wrong
def witness(request: HttpRequest) -> HttpResponseBase:
    """Say who has countersigned a size; take a countersignature, which must be a known witness's."""
    if request.method == "POST":
        return _take(_note_of(request))
    newest = _newest().checkpoint.size
    size = _number(request, "size", newest, newest)
    found = countersigning.of_size(size)
    return _json({"size": size, "signatures": [one.as_json() for one in found]}, _FRESH)


def _note_of(request: HttpRequest) -> bytes:
    if (
        request.content_type == "multipart/form-data"
    ):  # a form has been read as one, and has no body any more
        raise _AskedWronglyError("Content-Type", "A form is not a note.", "Send text/plain.", 415)
    return request.body


def _take(body: bytes) -> HttpResponseBase:
    if len(body) > _MAX_BODY:
        raise _AskedWronglyError("body", "The note is too long.", "Send one countersigned note.")
    try:
        new = countersigning.take(body.decode())
    except (NoteError, UnicodeDecodeError) as error:
        remedy = "Send the checkpoint as it was read, with your signature line."
        raise _AskedWronglyError("body", f"Not taken: {error}", remedy) from error
    return JsonResponse({"taken": True, "new": new})


def _newest() -> sealing.Sealed:
    found = sealing.last()
    if found is None:
        message, remedy = "The log has no checkpoint yet.", "Ask again in a minute."
        raise _AskedWronglyError("", message, remedy, 404)
    return found


def _number(request: HttpRequest, name: str, default: int | None, most: int) -> int:
    text = request.GET.get(name)
    if text is None and default is not None:
        return default
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        message = f"{name} is not a whole number, 0 or more."
        raise _AskedWronglyError(name, message, f"Write {name}=0 or more.")
    number = int(text)
    if number > most:
        message = f"{name} is {number}, and {most} is the most there is."
        raise _AskedWronglyError(name, message, "Ask for less, or in a minute again.", 404)
    return number


def _json(value: dict[str, Any], cached: str) -> JsonResponse:
    return JsonResponse(value, headers={"Cache-Control": cached})


urlpatterns = [
    path("log/checkpoint", checkpoint, name="log-checkpoint"),
    path("log/checkpoints", checkpoints, name="log-checkpoints"),
    path("log/key", key, name="log-key"),
    path("log/proof/inclusion", inclusion, name="log-inclusion"),
    path("log/proof/consistency", consistency, name="log-consistency"),
    path("log/witness", witness, name="log-witness"),
]
