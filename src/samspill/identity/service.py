"""The door of the room: log in and out, who acts, and the person behind a national number.

begin_login -> the address of the provider        finish_login -> Started | Refused
actor_from, who, choose_unit, log_out             person_for, person_ids_for, national_id_of
needs, actor_of, AccessRule, rule_of              from `access`, for every view
needs_machine, machine_from, Machine              from `machines`, for what a machine may call
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import attrs
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from samspill.identity import domain, employees, sessions
from samspill.identity.access import (
    ANYONE,
    AccessRule,
    actor_of,
    needs,
    rule_of,
    stronger_login,
)
from samspill.identity.adapters import keys, providers
from samspill.identity.adapters.keys import KeyFileError
from samspill.identity.domain import Claims, Profile, Rejected, Unit, UnitKind, safe_next
from samspill.identity.employees import (
    Colleague,
    as_actor,
    colleagues,
    name_employee,
    names_for_incident,
    staff_ids,
    sure_of,
)
from samspill.identity.key_rotation import Rotated, rotate_keys
from samspill.identity.machine_claims import Machine, TokenError
from samspill.identity.machines import machine_from, needs_machine
from samspill.identity.models import LoginAttempt, Session
from samspill.identity.number_keys import KeyStatus, bring_rows, key_status, rotate_number_keys
from samspill.identity.own_data import DOOR as OWN_DATA
from samspill.identity.own_sessions import (
    OwnSession,
    end_my_other_sessions,
    end_my_session,
    my_sessions,
    name_session,
)
from samspill.identity.persons import (
    known_person_ids,
    national_id_of,
    national_ids_of,
    person_for,
    person_ids_for,
)
from samspill.identity.texts import MESSAGES
from samspill.infra import access_log, clock, isolation
from samspill.infra.http import ComponentError
from samspill.kernel.actor import ANONYMOUS, Actor, Level
from samspill.kernel.ids import InvalidId, NationalId
from samspill.kernel.outcome import Refused

__all__ = [
    "ANYONE",
    "OWN_DATA",
    "AccessRule",
    "Begun",
    "Colleague",
    "KeyFileError",
    "KeyStatus",
    "Machine",
    "Organisation",
    "OwnSession",
    "Profile",
    "ProviderLogout",
    "Rotated",
    "Started",
    "TokenError",
    "Unit",
    "UnitKind",
    "Who",
    "actor_from",
    "actor_of",
    "as_actor",
    "begin_login",
    "bring_rows",
    "choose_unit",
    "colleagues",
    "end_my_other_sessions",
    "end_my_session",
    "end_sessions",
    "finish_login",
    "home_of",
    "key_status",
    "known_person_ids",
    "log_out",
    "machine_from",
    "my_sessions",
    "name_employee",
    "name_session",
    "names_for_incident",
    "national_id_of",
    "national_ids_of",
    "needs",
    "needs_machine",
    "person_for",
    "person_ids_for",
    "provider_ended",
    "provider_ended_by_sid",
    "published_keys",
    "redirect_uri",
    "rotate_keys",
    "rotate_number_keys",
    "rule_of",
    "safe_next",
    "session_cookie",
    "staff_ids",
    "stronger_login",
    "sure_of",
    "use_directory",
    "who",
]  # fmt: skip

log = logging.getLogger(__name__)

_ANSWERS = {"access_denied": "cancelled", "temporarily_unavailable": "provider_unavailable"}


@attrs.frozen
class Begun:
    """Where to send the browser, and what it must remember until it comes back."""

    url: str
    browser: str


@attrs.frozen
class Started:
    """A session that began: the cookie's token, where to go on, whether a unit must be chosen first."""

    session_id: uuid.UUID
    token: str
    next_url: str
    must_choose_unit: bool


@attrs.frozen
class Who:
    """Who is logged in, as the page header shows it."""

    kind: Profile
    name: str
    organisation: str
    role_codes: frozenset[str]
    several: bool
    level: Level
    on_behalf_of: str = ""
    unit_kind: str = ""
    """What kind of organisation one works for now: `municipality`, `agency` …; empty for a citizen."""


@attrs.frozen
class Organisation:
    """What the directory knows of an organisation that takes part; without a name, the provider's is used."""

    org_no: str
    name: str
    kind: UnitKind
    municipality_id: uuid.UUID | None = None


Directory = Callable[[str], Organisation | None]
_directory: list[Directory] = []


def use_directory(find: Directory) -> None:
    """Say how to know which organisations take part (wired in `site`: this room knows no municipalities)."""
    _directory[:] = [find]


# --- log in --------------------------------------------------------------------------------------


def begin_login(
    profile: Profile, *, level: Level, language: str, next_url: str, browser: str | None
) -> Begun | Refused:
    """Push a login request to the provider and return the address to send the browser to.

    Args:
        level: the lowest level that is enough; a stronger one is always accepted.
        browser: what the browser remembers from an earlier attempt, so that two tabs do not disturb each other.
    """
    provider = providers.provider_for(profile)
    state, nonce, verifier = (sessions.new_secret() for _ in range(3))
    wanted: Level = "high" if level == "high" else "substantial"
    parameters = {
        "redirect_uri": redirect_uri(profile),
        "scope": "openid profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": domain.challenge(verifier),
        "code_challenge_method": "S256",
        "acr_values": f"{providers.settings_of(profile)['acr_prefix']}{wanted}",
        "ui_locales": language,
        **providers.extra_parameters(profile),
    }
    try:
        url = provider.authorization_url(parameters)
    except ComponentError as error:
        return _refused("provider_unavailable", f"{error}")
    browser = browser or sessions.new_secret()
    LoginAttempt.objects.create(
        state_hash=sessions.hashed(state),
        browser_hash=sessions.hashed(browser),
        profile=profile,
        nonce=nonce,
        code_verifier=verifier,
        level=wanted,
        next_url=safe_next(next_url),
        expires_at=clock.now() + domain.ATTEMPT_LIFETIME,
    )
    return Begun(url, browser)


def finish_login(
    profile: Profile,
    *,
    parameters: Mapping[str, str],
    browser: str | None,
    previous_token: str | None = None,
) -> Started | Refused:
    """Take the provider's answer and begin a session; a session the browser had is ended.

    Refused with a code of `texts.MESSAGES`: unknown or used state, another browser, another issuer, the
    provider's error, a token that does not hold, too low a level, no usable national number.
    """
    attempt = _take_attempt(profile, parameters.get("state", ""), browser)
    if attempt is None:
        return _refused("attempt_unknown", "state or browser is unknown, used or too old")
    fault = _fault_of_answer(profile, parameters)
    if fault:
        return _refused(fault.code, fault.detail)
    try:
        checked = _redeem(profile, attempt, parameters["code"])
    except ComponentError as error:
        return _refused("provider_unavailable", f"{error}")
    if isinstance(checked, Rejected):
        return _refused(checked.code, checked.detail)
    claims, id_token = checked
    number = _number(claims.pid)
    if isinstance(number, Rejected):
        return _refused(number.code, number.detail)
    return _start(profile, attempt, claims, id_token, number, previous_token)


def _take_attempt(profile: Profile, state: str, browser: str | None) -> LoginAttempt | None:
    """Return the attempt of a state and remove it: it can be used once, by the browser that began it."""
    attempt = LoginAttempt.objects.filter(
        state_hash=sessions.hashed(state), profile=profile
    ).first()
    if attempt is None or not browser:
        return None
    if not secrets.compare_digest(attempt.browser_hash, sessions.hashed(browser)):
        return None
    removed, _ = LoginAttempt.objects.filter(pk=attempt.pk).delete()
    return attempt if removed and attempt.expires_at > clock.now() else None


def _fault_of_answer(profile: Profile, parameters: Mapping[str, str]) -> Rejected | None:
    if parameters.get("iss") != providers.settings_of(profile)["issuer"]:
        return Rejected("issuer_mismatch", "iss of the answer is missing or another (RFC 9207)")
    error = parameters.get("error", "")
    if error:
        return Rejected(_ANSWERS.get(error, "provider_error"), f"error {error[:40]!r}")
    if not parameters.get("code"):
        return Rejected("provider_error", "neither code nor error")
    return None


def _redeem(profile: Profile, attempt: LoginAttempt, code: str) -> tuple[Claims, str] | Rejected:
    provider = providers.provider_for(profile)
    token = provider.redeem(
        code=code, code_verifier=attempt.code_verifier, redirect_uri=redirect_uri(profile)
    )
    found = token if isinstance(token, Rejected) else provider.claims_of(token)
    if isinstance(found, Rejected):
        return found
    claims = domain.read_id_token(
        found,
        issuer=provider.issuer,
        client_id=provider.client_id,
        nonce=attempt.nonce,
        wanted=cast("Level", attempt.level),
        acr_prefix=providers.settings_of(profile)["acr_prefix"],
        now=clock.now(),
    )
    return claims if isinstance(claims, Rejected) else (claims, cast("str", token))


def _number(pid: str | None) -> NationalId | Rejected:
    if pid is None:
        return Rejected("no_national_id", "pid is absent")
    number = NationalId.parse(
        pid,
        allow_synthetic=settings.SAMSPILL["allow_synthetic"],
        allow_real=settings.SAMSPILL["allow_real"],
    )
    if isinstance(number, InvalidId):
        return Rejected("national_id_refused", f"pid: {number.reason}")
    return number


@isolation.widely("sessions")
@transaction.atomic
def _start(
    profile: Profile,
    attempt: LoginAttempt,
    claims: Claims,
    id_token: str,
    number: NationalId,
    previous_token: str | None,
) -> Started:
    if previous_token:
        earlier = Session.objects.filter(token_hash=sessions.hashed(previous_token))
        sessions.end(earlier, by="new_login")
    units = _units(claims) if profile == "employee" else []
    person_id = person_for(number)
    session, token = sessions.begin(
        profile=profile,
        person_id=person_id,
        claims=claims,
        units=units,
        id_token=id_token,
    )
    employees.seen(person_id, claims.name, units)
    must_choose = profile == "employee" and len(units) != 1
    next_url = home_of(profile, units) if attempt.next_url == "/" else attempt.next_url
    return Started(session.id, token, next_url, must_choose)


def home_of(profile: Profile, units: Iterable[Unit] = ()) -> str:
    """Return where work begins: one's own page, or what the one unit and one's roles there are for."""
    if profile == "citizen":
        return "/min-side/"
    chosen = list(units)
    if len(chosen) != 1:
        return "/"
    if chosen[0].roles and chosen[0].roles <= domain.DECIDE_TOGETHER:
        return "/samstyring/"
    return {"agency": "/etat/", "municipality": "/arbeid/"}.get(chosen[0].kind, "/samstyring/")


def _units(claims: Claims) -> list[Unit]:
    """Return the organisations that take part in Samspill and give the employee a role, by name."""
    found: dict[str, Unit] = {}
    for reportee in claims.reportees:
        known = _directory[0](reportee.org_no) if _directory else None
        roles = domain.roles_for(known.kind, reportee.rights) if known else frozenset()
        if known is None or not roles:
            continue
        earlier = found.get(known.org_no)
        units, services = domain.queues_for(reportee.rights)
        found[known.org_no] = Unit(
            org_no=known.org_no,
            name=known.name or reportee.name,
            kind=known.kind,
            roles=roles | (earlier.roles if earlier else frozenset()),
            municipality_id=str(known.municipality_id or ""),
            units=units | (earlier.units if earlier else frozenset()),
            services=services | (earlier.services if earlier else frozenset()),
        )
    return sorted(found.values(), key=lambda unit: unit.name)


def _refused(code: str, detail: str) -> Refused:
    """Log a refusal without personal data and return it for the page."""
    log.warning("login refused: %s (%s)", code, detail)
    message = MESSAGES[code]
    return Refused(
        code, str(message.title), where="login", remedy=str(message.text), status=message.status
    )


def redirect_uri(profile: Profile) -> str:
    """Return the address the provider sends the browser back to; registered there letter by letter."""
    path = {"citizen": "/logg-inn/person/retur/", "employee": "/logg-inn/ansatt/retur/"}[profile]
    return f"{settings.SAMSPILL['base_url'].rstrip('/')}{path}"


# --- who acts ------------------------------------------------------------------------------------


def actor_from(request: HttpRequest) -> Actor:
    """Return who acts in a request, from its session cookie; anonymous when there is none."""
    context: dict[str, Any] = {
        "request_id": getattr(request, "request_id", ""),
        "channel": "api" if request.path.startswith("/api/") else "web",
        "language": getattr(request, "LANGUAGE_CODE", "nb"),
    }
    token = request.COOKIES.get(session_cookie(), "")
    session, timed_out = sessions.find(token) if token else (None, False)
    request.session_timed_out = timed_out  # type: ignore[attr-defined]
    request.identity_units = sessions.units_of(session) if session else ()  # type: ignore[attr-defined]
    if session is None:
        return attrs.evolve(ANONYMOUS, **context)
    unit = _acting_unit(session.org_no, request.identity_units)  # type: ignore[attr-defined]
    return Actor(
        kind=cast("Profile", session.profile),
        person_id=session.person_id,
        org_no=unit.org_no if unit else None,
        municipality_id=uuid.UUID(unit.municipality_id) if unit and unit.municipality_id else None,
        roles=unit.roles if unit else frozenset(),
        level=cast("Level", session.level),
        session_id=str(session.id),
        name=session.name,
        units=unit.units if unit else frozenset(),
        services=unit.services if unit else frozenset(),
        **context,
    )


def _acting_unit(org_no: str, units: Iterable[Unit]) -> Unit | None:
    return next((unit for unit in units if unit.org_no == org_no), None)


def who(request: HttpRequest) -> Who | None:
    """Return who is logged in, for the page header; None when nobody is."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    if actor.kind not in {"citizen", "employee"}:
        return None
    units: tuple[Unit, ...] = getattr(request, "identity_units", ())
    unit = _acting_unit(actor.org_no or "", units)
    return Who(
        kind="citizen" if actor.kind == "citizen" else "employee",
        name=actor.name,
        organisation=unit.name if unit else "",
        role_codes=actor.roles,
        several=len(units) > 1,
        level=actor.level,
        unit_kind=unit.kind if unit else "",
    )


def choose_unit(*, actor: Actor, org_no: str) -> Unit | None:
    """Let the employee act for one of their organisations from now on; None when it is not one of them."""
    session = _open_session(actor)
    unit = _acting_unit(org_no, sessions.units_of(session)) if session else None
    if session and unit:
        Session.objects.filter(id=session.id).update(org_no=unit.org_no)
    return unit


def _open_session(actor: Actor) -> Session | None:
    if actor.session_id is None:
        return None
    return Session.objects.filter(id=actor.session_id, ended_at__isnull=True).first()


def session_cookie() -> str:
    """Return the name of the cookie: `__Host-` in production, where it is bound to https and this host."""
    return "__Host-samspill" if settings.SAMSPILL["environment"] == "production" else "samspill"


# --- log out -------------------------------------------------------------------------------------


@attrs.frozen
class ProviderLogout:
    """A form that ends the provider's own session too; posted, so that no token stands in an address."""

    url: str
    fields: dict[str, str]


def log_out(*, actor: Actor) -> ProviderLogout | None:
    """End the session at once, and return how to end the provider's as well (None when it can not be)."""
    session = _open_session(actor)
    if session is None:
        return None
    hint = session.id_token
    with transaction.atomic():
        sessions.end(Session.objects.filter(id=session.id), by="user")
    try:
        provider = providers.provider_for(cast("Profile", session.profile))
        url = provider.end_session_endpoint()
    except ComponentError:
        return None
    if not url or not hint:
        return None
    fields = {
        "id_token_hint": hint,
        "client_id": provider.client_id,
        "post_logout_redirect_uri": f"{settings.SAMSPILL['base_url'].rstrip('/')}/logget-ut/",
        "state": sessions.new_secret(),
    }
    return ProviderLogout(url, fields)


@isolation.widely("sessions")
@transaction.atomic
def provider_ended_by_sid(*, issuer: str, sid: str) -> int:
    """End the sessions of a provider's session (front-channel); return how many. Safe to repeat."""
    if not sid or providers.by_issuer(issuer) is None:
        return 0
    return sessions.end(sessions.of_provider(issuer=issuer, sid=sid), by="provider")


def provider_ended(*, logout_token: str) -> int | Rejected:
    """End the sessions a signed logout token names (back-channel); return how many. Safe to repeat."""
    for profile in providers.COMPONENTS:
        provider = providers.provider_for(profile)
        if domain.issuer_claim(logout_token) != provider.issuer:
            continue
        claims = provider.claims_of(logout_token)
        if isinstance(claims, Rejected):
            return claims
        named = domain.read_logout_token(
            claims, issuer=provider.issuer, client_id=provider.client_id, now=clock.now()
        )
        if isinstance(named, Rejected):
            return named
        with isolation.wider("sessions"), transaction.atomic():
            chosen = sessions.of_provider(issuer=provider.issuer, sid=named[0], subject=named[1])
            return sessions.end(chosen, by="provider")
    return Rejected("logout_token_invalid", "iss is not a provider of ours")


@isolation.widely("sessions")
@transaction.atomic
def end_sessions(*, actor: Actor, person_id: uuid.UUID, org_no: str = "") -> int:
    """Cut a person off at once: all sessions, or those that may act for one organisation (SP-21)."""
    chosen = Session.objects.filter(person_id=person_id)
    if org_no:
        chosen = chosen.filter(units__contains=[{"org_no": org_no}])
    ended = sessions.end(chosen, by="cut_off")
    access_log.record(
        actor=actor,
        action="write",
        purpose="end sessions",
        subject_id=person_id,
        detail={"sessions": ended, "org_no": org_no},
    )
    return ended


def published_keys() -> dict[str, Any]:
    """Return our public keys as a JWK Set, for the providers."""
    providers.provider_for("citizen")
    return keys.public_jwks(providers.key_files())
