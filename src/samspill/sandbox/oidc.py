"""An OpenID provider as ID-porten and Ansattporten are: PAR, PKCE, signed client assertions, one-time codes.

Pure state: no HTTP and no HTML here. The web part is `oidc_web`. What is refused is an `OAuthError`, told to
the client or, when the client and its address are known to be right, sent back in the redirect.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import attrs

from samspill.sandbox.clients import Client, Clients
from samspill.sandbox.signing import Signer, TokenError, UsedOnce, header_of, verify

PAR_S = 120
CODE_S = 60
TOKEN_S = 120
INTERACTION_S = 1800
SESSION_IDLE_S = 30 * 60
SESSION_MAX_S = 120 * 60
ASSERTION_MAX_S = 120
CLOCK_SKEW_S = 10
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RAR_TYPE = "ansattporten:altinn:service"
LEVELS = ("substantial", "high")
_REQUIRED = ("response_type", "redirect_uri", "scope", "state", "nonce", "code_challenge")
_PROMPTS = ("", "login", "none")


class OAuthError(Exception):
    """A refusal in OAuth's words."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status


@attrs.frozen
class Profile:
    """How the two providers differ."""

    name: str
    acr_prefix: str
    isolated_sessions: bool
    has_organisations: bool

    def acr(self, level: str) -> str:
        """Give the name of a level in this provider's words."""
        return self.acr_prefix + level


ID_PORTEN = Profile("idporten", "idporten-loa-", isolated_sessions=False, has_organisations=False)
ANSATTPORTEN = Profile("ansattporten", "", isolated_sessions=True, has_organisations=True)


@attrs.frozen
class Identity:
    """Who logged in: number, level, means, and the organisations when they are employees."""

    pid: str
    level: str
    organisations: tuple[Mapping[str, Any], ...] = ()

    @property
    def amr(self) -> str:
        """Give the means of login that goes with the level."""
        return "BankID" if self.level == "high" else "Minid-OTC"


@attrs.frozen
class Interaction:
    """A login that waits for somebody to choose a person."""

    id: str
    client: Client
    params: Mapping[str, str]
    expires: float

    @property
    def locales(self) -> str:
        """Give the languages asked for, best first."""
        return self.params.get("ui_locales", "")

    def levels(self, profile: Profile) -> tuple[str, ...]:
        """Give the levels that are enough for what the client asked."""
        asked = self.params.get("acr_values", "").split()
        if not asked:
            return LEVELS
        lowest = min(LEVELS.index(a.removeprefix(profile.acr_prefix)) for a in asked)
        return LEVELS[lowest:]

    def details(self) -> list[dict[str, Any]]:
        """Give the authorization_details asked for."""
        return _details(self.params.get("authorization_details", ""))


@attrs.frozen
class Session:
    """A login that lasts: single sign-on until it idles out or is ended."""

    sid: str
    identity: Identity
    started: float
    used: float
    clients: frozenset[str]


@attrs.frozen
class _Grant:
    client_id: str
    params: Mapping[str, str]
    session: Session
    fault: str
    expires: float


@attrs.frozen
class Logout:
    """What follows from an ended session."""

    redirect_to: str | None
    frontchannel: tuple[str, ...]
    backchannel: tuple[tuple[str, str], ...]


def _details(text: str) -> list[dict[str, Any]]:
    if not text:
        return []
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if isinstance(data, list) and all(isinstance(d, dict) and "type" in d for d in data):
        return data
    raise OAuthError(
        "invalid_authorization_details", "authorization_details is not a JSON array of objects"
    )


class Provider:
    """One provider with its keys, codes and sessions."""

    def __init__(
        self, profile: Profile, clients: Clients, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.profile = profile
        self.signer = Signer()
        self._clients = clients
        self._clock = clock
        self._lock = threading.Lock()
        self._pushed: dict[str, tuple[str, dict[str, str], float]] = {}
        self._interactions: dict[str, Interaction] = {}
        self._grants: dict[str, _Grant] = {}
        self._spent: UsedOnce = UsedOnce()
        self._sessions: dict[str, Session] = {}

    # -- metadata -------------------------------------------------------------------------------

    def metadata(self, issuer: str) -> dict[str, Any]:
        """Give the discovery document."""
        found: dict[str, Any] = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "pushed_authorization_request_endpoint": f"{issuer}/par",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "end_session_endpoint": f"{issuer}/end_session",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "scopes_supported": ["openid", "profile"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt", "none"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": [self.profile.acr(level) for level in LEVELS],
            "ui_locales_supported": ["nb", "nn", "en", "se"],
            "prompt_values_supported": ["login", "none"],
            "authorization_response_iss_parameter_supported": True,
            "frontchannel_logout_supported": True,
            "frontchannel_logout_session_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
        }
        if self.profile.has_organisations:
            found["authorization_details_types_supported"] = [RAR_TYPE]
        return found

    # -- asking ---------------------------------------------------------------------------------

    def push(self, form: Mapping[str, str], issuer: str) -> dict[str, Any]:
        """Take a pushed authorization request and give its address."""
        client = self._authenticate(form, issuer)
        if "request_uri" in form:
            raise OAuthError("invalid_request", "request_uri cannot be pushed")
        params = {k: v for k, v in form.items() if not k.startswith("client_assertion")}
        self._check_address(client, params)
        self._check(params)
        request_uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(24)}"
        with self._lock:
            self._prune()
            self._pushed[request_uri] = (client.client_id, params, self._clock() + PAR_S)
        return {"request_uri": request_uri, "expires_in": PAR_S}

    def begin(self, query: Mapping[str, str]) -> Interaction:
        """Begin a login, from a pushed request or from the address.

        Raises:
            OAuthError: when client or address cannot be trusted (shown on our own page).
            AskedWrongly: when the client can be told in a redirect.

        """
        client = self._clients.get(query.get("client_id", ""))
        if client is None:
            raise OAuthError("invalid_client", "the client_id is not registered here")
        params = self._requested(client, query)
        self._check_address(client, params)
        try:
            self._check(params)
        except OAuthError as error:
            raise AskedWrongly(error, params) from error
        interaction = Interaction(
            secrets.token_urlsafe(18), client, params, self._clock() + INTERACTION_S
        )
        with self._lock:
            self._prune()
            self._interactions[interaction.id] = interaction
        return interaction

    def _requested(self, client: Client, query: Mapping[str, str]) -> Mapping[str, str]:
        if "request_uri" not in query:
            if client.has_keys:
                raise OAuthError("invalid_request", "this client must push its request (PAR) first")
            return dict(query)
        if set(query) - {"client_id", "request_uri"}:
            raise OAuthError("invalid_request", "with request_uri only client_id may be sent")
        with self._lock:
            pushed = self._pushed.pop(query["request_uri"], None)
        if pushed is None or pushed[2] < self._clock() or pushed[0] != client.client_id:
            raise OAuthError(
                "invalid_request_uri", "the request_uri is unknown, used, or older than 120 s"
            )
        return pushed[1]

    def _check_address(self, client: Client, params: Mapping[str, str]) -> None:
        if params.get("redirect_uri", "") not in client.redirect_uris:
            raise OAuthError(
                "invalid_request",
                "the redirect_uri is not registered for this client, letter by letter",
            )

    def _check(self, params: Mapping[str, str]) -> None:
        missing = [name for name in _REQUIRED if not params.get(name)]
        if missing:
            raise OAuthError("invalid_request", f"missing: {', '.join(missing)}")
        if params["response_type"] != "code":
            raise OAuthError("unsupported_response_type", "only code is supported")
        if "openid" not in params["scope"].split():
            raise OAuthError("invalid_scope", "scope must hold openid")
        if params.get("code_challenge_method") != "S256" or "=" in params["code_challenge"]:
            raise OAuthError("invalid_request", "PKCE with S256, without padding, is compulsory")
        if (
            params.get("response_mode", "query") != "query"
            or params.get("prompt", "") not in _PROMPTS
        ):
            raise OAuthError("invalid_request", "response_mode must be query, prompt login or none")
        known = {self.profile.acr(level) for level in LEVELS}
        if not set(params.get("acr_values", "").split()) <= known:
            raise OAuthError(
                "invalid_request", f"acr_values must be of: {', '.join(sorted(known))}"
            )
        if _details(params.get("authorization_details", "")) and not self.profile.has_organisations:
            raise OAuthError("invalid_authorization_details", "this provider has no organisations")

    # -- choosing -------------------------------------------------------------------------------

    def interaction(self, interaction_id: str) -> Interaction | None:
        """Give a login that waits, or None when it is over."""
        found = self._interactions.get(interaction_id)
        return None if found is None or found.expires < self._clock() else found

    def sign_on(self, interaction: Interaction, sid: str | None) -> Session | None:
        """Give the session that answers a login without asking again, or None."""
        session = self._sessions.get(sid or "")
        now = self._clock()
        if session is None or interaction.params.get("prompt") == "login":
            return None
        if now - session.used > SESSION_IDLE_S or now - session.started > SESSION_MAX_S:
            return None
        if session.identity.level not in interaction.levels(self.profile):
            return None
        if self.profile.isolated_sessions and interaction.client.client_id not in session.clients:
            return None
        return session

    def start_session(self, identity: Identity) -> Session:
        """Begin a session for somebody who has chosen who they are."""
        now = self._clock()
        session = Session(secrets.token_urlsafe(18), identity, now, now, frozenset())
        with self._lock:
            self._sessions[session.sid] = session
        return session

    def finish(
        self, interaction: Interaction, session: Session, issuer: str, fault: str = "none"
    ) -> str:
        """Give the address to send the browser to, with a one-time code.

        Raises:
            OAuthError: when this login was finished before.

        """
        now = self._clock()
        code = secrets.token_urlsafe(24)
        with self._lock:
            if self._interactions.pop(interaction.id, None) is None:
                raise OAuthError("invalid_request", "this login is already finished")
            session = attrs.evolve(
                session, used=now, clients=session.clients | {interaction.client.client_id}
            )
            self._sessions[session.sid] = session
            self._grants[code] = _Grant(
                interaction.client.client_id, interaction.params, session, fault, now + CODE_S
            )
        shown = issuer if fault != "wrong_iss" else f"{issuer}.example"
        return answer_address(interaction.params, {"code": code, "iss": shown})

    def cancel(self, interaction: Interaction, issuer: str, code: str = "access_denied") -> str:
        """Give the address that tells the client that nobody logged in."""
        with self._lock:
            self._interactions.pop(interaction.id, None)
        text = "the user cancelled" if code == "access_denied" else "nobody is logged in"
        return answer_address(
            interaction.params, {"error": code, "error_description": text, "iss": issuer}
        )

    # -- tokens ---------------------------------------------------------------------------------

    def token(self, form: Mapping[str, str], issuer: str) -> dict[str, Any]:
        """Exchange a code for tokens."""
        client = self._authenticate(form, issuer)
        if form.get("grant_type") != "authorization_code":
            raise OAuthError("unsupported_grant_type", "only authorization_code is supported")
        with self._lock:
            grant = self._grants.pop(form.get("code", ""), None)
        self._check_grant(grant, client, form)
        if grant is None:
            raise OAuthError("invalid_grant", "the code is unknown")
        return {
            "access_token": secrets.token_urlsafe(32),
            "id_token": self.signer.sign(self._id_claims(grant, client, issuer)),
            "token_type": "Bearer",
            "expires_in": TOKEN_S,
            "scope": grant.params["scope"],
        }

    def _check_grant(self, grant: _Grant | None, client: Client, form: Mapping[str, str]) -> None:
        if grant is None or grant.client_id != client.client_id:
            raise OAuthError("invalid_grant", "the code is unknown, or has been used")
        if grant.expires < self._clock():
            raise OAuthError("invalid_grant", f"the code is older than {CODE_S} s")
        if form.get("redirect_uri") != grant.params["redirect_uri"]:
            raise OAuthError(
                "invalid_grant", "the redirect_uri is not that of the authorization request"
            )
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not secrets.compare_digest(challenge, grant.params["code_challenge"]):
            raise OAuthError("invalid_grant", "the code_verifier does not match the code_challenge")

    def _id_claims(self, grant: _Grant, client: Client, issuer: str) -> dict[str, Any]:
        identity, fault = grant.session.identity, grant.fault
        now = int(self._clock()) - (2 * TOKEN_S if fault == "expired_id_token" else 0)
        level = "substantial" if fault == "acr_too_low" else identity.level
        claims: dict[str, Any] = {
            "iss": issuer if fault != "wrong_iss" else f"{issuer}.example",
            "aud": client.client_id if fault != "wrong_audience" else "another-client",
            "sub": pairwise_subject(identity.pid, client.client_id, issuer),
            "pid": identity.pid,
            "acr": self.profile.acr(level),
            "amr": [identity.amr],
            "auth_time": int(grant.session.started),
            "iat": now,
            "exp": now + TOKEN_S,
            "jti": secrets.token_urlsafe(12),
            "nonce": grant.params["nonce"] if fault != "wrong_nonce" else "another-nonce",
            "sid": grant.session.sid,
            "locale": (grant.params.get("ui_locales", "").split() or ["nb"])[0],
        }
        if fault == "pid_missing":
            del claims["pid"]
        if identity.organisations:
            claims["authorization_details"] = [dict(o) for o in identity.organisations]
        return claims

    # -- ending ---------------------------------------------------------------------------------

    def end(self, params: Mapping[str, str], cookie_sid: str | None, issuer: str) -> Logout:
        """End a session, named by the id_token or by the cookie."""
        hint = self._hint(params.get("id_token_hint"))
        client = self._clients.get(params.get("client_id") or str(hint.get("aud", "")))
        sid = str(hint.get("sid") or cookie_sid or "")
        with self._lock:
            session = self._sessions.pop(sid, None)
        told = [c for c in map(self._clients.get, session.clients if session else ()) if c]
        front = tuple(
            f"{c.frontchannel_logout_uri}?{urlencode({'iss': issuer, 'sid': sid})}"
            for c in told
            if c.frontchannel_logout_uri
        )
        back = tuple(
            (c.backchannel_logout_uri, self._logout_token(c, sid, session, issuer))
            for c in told
            if c.backchannel_logout_uri and session
        )
        return Logout(self._after_logout(client, params), front, back)

    def _hint(self, token: str | None) -> dict[str, Any]:
        if not token:
            return {}
        try:
            return self.signer.read(token)
        except TokenError as error:
            raise OAuthError("invalid_request", f"id_token_hint: {error}") from error

    def _after_logout(self, client: Client | None, params: Mapping[str, str]) -> str | None:
        address = params.get("post_logout_redirect_uri")
        if not address:
            return None
        if client is None or address not in client.post_logout_redirect_uris:
            raise OAuthError(
                "invalid_request", "the post_logout_redirect_uri is not registered for this client"
            )
        state = params.get("state")
        if not state:
            return address
        return f"{address}{'&' if '?' in address else '?'}{urlencode({'state': state})}"

    def _logout_token(self, client: Client, sid: str, session: Session, issuer: str) -> str:
        now = int(self._clock())
        claims = {
            "iss": issuer,
            "aud": client.client_id,
            "sub": pairwise_subject(session.identity.pid, client.client_id, issuer),
            "iat": now,
            "exp": now + TOKEN_S,
            "jti": secrets.token_urlsafe(12),
            "sid": sid,
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        return self.signer.sign(claims, kind="logout+jwt")

    # -- clients --------------------------------------------------------------------------------

    def _authenticate(self, form: Mapping[str, str], issuer: str) -> Client:
        client = self._clients.get(form.get("client_id", ""))
        if client is None:
            raise OAuthError("invalid_client", "the client_id is missing or not registered", 401)
        if client.has_keys:
            self._check_assertion(client, form, issuer)
        elif "client_assertion" in form or "client_secret" in form:
            raise OAuthError(
                "invalid_client", "this client is registered as public (method none)", 401
            )
        return client

    def _check_assertion(self, client: Client, form: Mapping[str, str], issuer: str) -> None:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise OAuthError(
                "invalid_client",
                f"private_key_jwt is compulsory: send client_assertion_type {ASSERTION_TYPE}",
                401,
            )
        token = form.get("client_assertion", "")
        try:
            key = self._clients.key(client, str(header_of(token).get("kid", "")))
            if key is None:
                raise OAuthError(
                    "invalid_client", "no registered key has the kid of the assertion", 401
                )
            claims = verify(token, key, ["RS256"])
        except TokenError as error:
            raise OAuthError("invalid_client", str(error), 401) from error
        fault = self._assertion_fault(claims, client, issuer)
        if fault:
            raise OAuthError("invalid_client", fault, 401)

    def _assertion_fault(
        self, claims: Mapping[str, Any], client: Client, issuer: str
    ) -> str | None:
        now = self._clock()
        aud = claims.get("aud")
        audiences = {aud} if isinstance(aud, str) else set(aud or ())
        if claims.get("iss") != client.client_id or claims.get("sub") != client.client_id:
            return "iss and sub of the assertion must be the client_id"
        if not audiences & {issuer, f"{issuer}/token", f"{issuer}/par"}:
            return "aud of the assertion must be the issuer or the token address"
        iat, exp, jti = claims.get("iat"), claims.get("exp"), claims.get("jti")
        if not isinstance(iat, int) or not isinstance(exp, int) or not isinstance(jti, str):
            return "the assertion needs iat, exp and jti"
        if exp <= now or exp - iat > ASSERTION_MAX_S or iat > now + CLOCK_SKEW_S:
            return f"the assertion is expired, from the future, or lasts over {ASSERTION_MAX_S} s"
        if not self._spent.is_new(f"{client.client_id}/{jti}", until=float(exp), now=now):
            return "the jti of the assertion has been used before"
        return None

    def _prune(self) -> None:
        now = self._clock()
        self._pushed = {k: v for k, v in self._pushed.items() if v[2] >= now}
        self._interactions = {k: v for k, v in self._interactions.items() if v.expires >= now}
        self._grants = {k: v for k, v in self._grants.items() if v.expires >= now}
        self._sessions = {
            k: s for k, s in self._sessions.items() if now - s.started <= SESSION_MAX_S
        }


class AskedWrongly(Exception):  # noqa: N818
    """A request that is wrong, from a client whose address can be trusted."""

    def __init__(self, error: OAuthError, params: Mapping[str, str]) -> None:
        super().__init__(str(error))
        self.error = error
        self.params = params


def answer_address(params: Mapping[str, str], answer: Mapping[str, str]) -> str:
    """Give the client's address with an answer and its state."""
    address = params["redirect_uri"]
    facts = {**answer, **({"state": params["state"]} if params.get("state") else {})}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(facts)}"


def pairwise_subject(pid: str, client_id: str, issuer: str) -> str:
    """Give the `sub` that one client sees of one person."""
    digest = hashlib.sha256(f"{issuer}|{client_id}|{pid}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()[:43]
