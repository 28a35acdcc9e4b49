"""The WSGI app: finds the handler, obeys the switch of the component, demands a machine token.

One process only: codes, sessions and changes live in its memory. Several threads are fine.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox import (
    altinn,
    control,
    estates,
    folkeregisteret,
    oidc_web,
    organisations,
    registers,
    skatteetaten,
)
from samspill.sandbox.context import Config, Sandbox
from samspill.sandbox.population import Population, build
from samspill.sandbox.switches import COMPONENTS, Behaviour
from samspill.sandbox.web import (
    BODY_LIMIT,
    Handler,
    Reply,
    Route,
    broken_body,
    component_of,
    error_of,
    redirect,
    reply_json,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# The scope that each register demands; the more particular path first.
SCOPES = (
    ("/folkeregisteret/", folkeregisteret.SCOPE),
    ("/skatteetaten/api/innrapportert/", skatteetaten.INCOME_SCOPE),
    ("/skatteetaten/api/formueinntekt/", skatteetaten.SETTLEMENT_SCOPE),
    ("/krr/", "krr:global/kontaktinformasjon.read"),
    ("/nav/", "nav:ytelser.read"),
    ("/lanekassen/", "lanekassen:stotte.read"),
    ("/matrikkelen/", "matrikkelen:boenheter.read"),
    ("/husbanken/", "husbanken:laan.read"),
    ("/enhetsregisteret/autorisert-api/", organisations.ROLES_SCOPE),
    ("/doedsbo/", estates.SCOPE),
    ("/altinn/authentication/", altinn.SCOPE),
)
_DENIED = {
    ("folkeregisteret", 401): "FREG-001",
    ("folkeregisteret", 403): "FREG-002",
    ("skatteetaten", 401): "IM-004",
    ("skatteetaten", 403): "IM-005",
}
_RETRY_S = 1
_NEW_OBJECTS = 50_000


def _map(routes: Iterable[Route]) -> tuple[Map, dict[str, Handler]]:
    handlers: dict[str, Handler] = {}
    rules: list[Rule] = []
    for number, (rule, handler) in enumerate(routes):
        one = rule.empty()
        one.endpoint = f"{handler.__module__}.{handler.__name__}.{number}"
        handlers[one.endpoint] = handler
        rules.append(one)
    return Map(rules, strict_slashes=False), handlers


_ROUTES: list[Route] = [
    *oidc_web.ROUTES,
    *folkeregisteret.ROUTES,
    *skatteetaten.ROUTES,
    *registers.ROUTES,
    *organisations.ROUTES,
    *estates.ROUTES,
    *altinn.ROUTES,
    *control.ROUTES,
]


class App:
    """The sandbox as a WSGI application."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._map, self._handlers = _map(_ROUTES)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        request.max_content_length = BODY_LIMIT
        return self.respond(request)(environ, start_response)

    def respond(self, request: Request) -> Response:
        """Give the response to a request."""
        if request.path == "/":
            return redirect("/_sandbox/")
        component = component_of(request.path)
        if component not in COMPONENTS:
            return self._handle(request, component)
        behaviour = self.sandbox.switches.take(component)
        refused = _misbehave(component, behaviour) or self._denied(request, component)
        if refused is not None:
            return refused
        response = self._handle(request, component)
        if behaviour.mode == "wrong_schema" and response.mimetype == "application/json":
            return reply_json({"versjon": "99", "innhold": [{"ukjent": True}], "feilformat": None})
        return response

    def _denied(self, request: Request, component: str) -> Response | None:
        scope = next((s for path, s in SCOPES if request.path.startswith(path)), None)
        if scope is None:
            return None
        found = self.sandbox.maskinporten.check(
            request.headers.get("Authorization"),
            scope,
            self.sandbox.issuer("maskinporten", request),
        )
        if found is None:
            return None
        status, reason = found
        code = _DENIED.get((component, status), str(status))
        response = error_of(component, status, code, reason)
        response.headers["WWW-Authenticate"] = f'Bearer scope="{scope}"'
        return response

    def _handle(self, request: Request, component: str) -> Response:
        try:
            adapter = self._map.bind_to_environ(request.environ)
            endpoint, values = adapter.match()
            return self._handlers[endpoint](self.sandbox, request, **values)
        except Reply as reply:
            return reply.response
        except NotFound:
            code = {"folkeregisteret": "FREG-404", "skatteetaten": "IM-003"}.get(component, "404")
            return error_of(
                component, 404, code, "There is nothing at this address. See docs/rooms/sandbox.md."
            )
        except MethodNotAllowed:
            return error_of(component, 405, "405", "This address does not take that method.")
        except HTTPException as error:
            return error_of(component, error.code or 400, str(error.code), error.description or "")


def _misbehave(component: str, behaviour: Behaviour) -> Response | None:
    if behaviour.mode == "slow":
        time.sleep(behaviour.seconds)
    if behaviour.mode == "throttled":
        wait = _RETRY_S * 1000 if component == "folkeregisteret" else _RETRY_S
        response = error_of(component, 429, "429", "For mange kall på for kort tid.")
        response.headers["Retry-After"] = str(wait)
        return response
    if behaviour.mode != "down":
        return None
    if behaviour.how == "close":
        return Response(
            broken_body(), 200, {"Content-Type": "application/json", "Content-Length": "512"}
        )
    return error_of(component, 503, "503", "Tjenesten er nede.")


def create_app(config: Config | None = None, population: Population | None = None) -> App:
    """Make a sandbox of one's own."""
    config = config or Config.from_environment()
    people = population or build(config.seed, config.households)
    return App(Sandbox(config, people))


class _FromEnvironment:
    """The app of this process, made at the first request so that an import does nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app: App | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with self._lock:
            if self._app is None:
                self._app = create_app()
                # The people never change: leave them out of every later garbage collection.
                gc.collect()
                gc.freeze()
                gc.set_threshold(_NEW_OBJECTS, 20, 50)
        return self._app(environ, start_response)


application = _FromEnvironment()
