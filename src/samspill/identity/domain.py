"""Pure rules of login: levels, what an ID token must say, organisations and roles, how long a session lasts.

    Claims          what we keep of an accepted ID token
    Unit            an organisation the employee may act for, with roles
    Rejected        why a token is not accepted (a code of `MESSAGES` in `texts`)

Facts: ID-porten and Ansattporten as in the documents of felleslosninger/docs (2024-10): `acr` is compared by its
suffix, `pid` may be absent, `sid` comes only with front-channel logout, `authorization_details` carries reportees.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import attrs

from samspill.kernel.actor import LEVELS, WHOLE, Level
from samspill.kernel.ids import is_org_no

Profile = Literal["citizen", "employee"]
UnitKind = Literal["municipality", "agency", "association"]

IDLE = dt.timedelta(minutes=30)
LONGEST: dict[str, dt.timedelta] = {
    # Ansattporten's own session ends after 120 minutes (SP-18). A citizen may need longer to find papers.
    "employee": dt.timedelta(minutes=120),
    "citizen": dt.timedelta(minutes=240),
}
SEEN_EVERY = dt.timedelta(minutes=1)
ATTEMPT_LIFETIME = dt.timedelta(minutes=10)
CLOCK_SKEW = 30
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LOGOUT_TOKEN_MAX_AGE = 600
_ORG_PREFIX = "0192:"
_METHOD = re.compile(r"[\w .-]{1,40}")
_MAX_NEXT = 500
_UNIT_RIGHT, _SERVICE_RIGHT = "enhet:", "tjeneste:"
_QUEUE = re.compile(r"\*|[a-zæøå0-9][a-zæøå0-9_-]{0,63}")

# Right given in Altinn/Ansattporten -> role with us, by the kind of organisation.
ROLES: dict[tuple[UnitKind, str], str] = {
    ("municipality", "saksbehandler"): "municipality_caseworker",
    ("municipality", "leder"): "municipality_leader",
    ("municipality", "veileder"): "counter",
    ("municipality", "skjermet"): "protected_caseworker",
    ("agency", "saksbehandler"): "agency_caseworker",
    ("agency", "leder"): "agency_leader",
    ("agency", "skjermet"): "protected_caseworker",
    ("municipality", "digitaliseringsleder"): "municipal_lead",
    ("agency", "tiltakseier"): "initiative_owner",
    ("agency", "budsjett"): "ministry",
    ("agency", "sekretariat"): "secretariat",
    ("association", "samordner"): "ks_coordinator",
}

#: Roles of those who decide together; who has only such begins on the start page of samstyring.
DECIDE_TOGETHER = frozenset(
    {"initiative_owner", "ks_coordinator", "municipal_lead", "ministry", "secretariat"}
)


@attrs.frozen
class Claims:
    """What an accepted ID token says. `methods`: how the person showed who they are (`amr`), such as `BankID`."""

    issuer: str
    subject: str
    sid: str
    level: Level
    pid: str | None
    name: str
    reportees: tuple[Reportee, ...]
    methods: tuple[str, ...] = ()


@attrs.frozen
class Reportee:
    """An organisation as the provider names it, with the rights the employee has there."""

    org_no: str
    name: str
    rights: frozenset[str]


@attrs.frozen
class Unit:
    """An organisation that takes part in Samspill, as an employee may act for it."""

    org_no: str
    name: str
    kind: UnitKind
    roles: frozenset[str]
    municipality_id: str = ""
    units: frozenset[str] = WHOLE
    services: frozenset[str] = WHOLE


@attrs.frozen
class Rejected:
    """Why somebody is not logged in. `code` has a text; `detail` is for the log and holds no personal data."""

    code: str
    detail: str = ""


def challenge(verifier: str) -> str:
    """Return the PKCE S256 challenge of a verifier (RFC 7636, no padding).

    >>> challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def level_of(acr: object, *, prefix: str) -> Level:
    """Return the assurance level an `acr` stands for; `none` for anything unknown.

    >>> level_of("idporten-loa-high", prefix="idporten-loa-")
    'high'
    >>> level_of("eidas-loa-high", prefix="idporten-loa-")
    'none'
    """
    if not isinstance(acr, str) or not acr.startswith(prefix):
        return "none"
    suffix = acr.removeprefix(prefix)
    return suffix if suffix in LEVELS else "none"


def is_enough(level: Level, *, wanted: Level) -> bool:
    """Tell whether a level is at least the wanted one (none < substantial < high)."""
    return LEVELS.index(level) >= LEVELS.index(wanted)


def read_id_token(
    claims: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    wanted: Level,
    acr_prefix: str,
    now: dt.datetime,
) -> Claims | Rejected:
    """Accept the claims of an ID token whose signature has been checked, or say what is wrong.

    Checks `iss`, `aud` (and `azp` when there are several), `exp`, `iat`, `nonce` and `acr`.
    """
    fault = _fault_of_frame(claims, issuer=issuer, client_id=client_id, now=now)
    if fault:
        return Rejected("token_invalid", fault)
    if claims.get("nonce") != nonce:
        return Rejected("token_invalid", "nonce is not the one sent")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        return Rejected("token_invalid", "sub is missing")
    level = level_of(claims.get("acr"), prefix=acr_prefix)
    if not is_enough(level, wanted=wanted) or level == "none":
        return Rejected("level_too_low", f"acr {str(claims.get('acr'))[:40]!r}")
    pid = claims.get("pid")
    return Claims(
        issuer=issuer,
        subject=claims["sub"],
        sid=_text(claims.get("sid")),
        level=level,
        pid=pid if isinstance(pid, str) and pid else None,
        name=_text(claims.get("name"))[:200],
        reportees=tuple(reportees_in(claims.get("authorization_details"))),
        methods=methods_in(claims.get("amr")),
    )


def methods_in(amr: object) -> tuple[str, ...]:
    """Read `amr`, which may be absent; what is no short name of a method is left out.

    >>> methods_in(["BankID", 7, "x" * 90])
    ('BankID',)
    """
    told = amr if isinstance(amr, list) else [amr]
    return tuple(one for one in told if isinstance(one, str) and _METHOD.fullmatch(one))[:5]


def _fault_of_frame(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, now: dt.datetime
) -> str:
    """Return what is wrong with issuer, audience or times; empty when nothing is."""
    seconds = now.timestamp()
    if claims.get("iss") != issuer:
        return "iss is another issuer"
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        return "aud is another client"
    if len(audiences) > 1 and claims.get("azp") != client_id:
        return "azp is another client"
    if not _is_number(claims.get("exp")) or claims["exp"] <= seconds - CLOCK_SKEW:
        return "exp has passed or is missing"
    if not _is_number(claims.get("iat")) or claims["iat"] > seconds + CLOCK_SKEW:
        return "iat is in the future or missing"
    return ""


def reportees_in(details: object) -> Iterable[Reportee]:
    """Read the organisations of `authorization_details`; what is malformed gives no rights."""
    for detail in details if isinstance(details, list) else ():
        listed = detail.get("reportees") if isinstance(detail, dict) else None
        for reportee in listed if isinstance(listed, list) else ():
            found = _reportee(reportee)
            if found is not None:
                yield found


def _reportee(reportee: object) -> Reportee | None:
    if not isinstance(reportee, dict):
        return None
    identifier, rights = reportee.get("ID"), reportee.get("Rights")
    if not isinstance(identifier, str) or not identifier.startswith(_ORG_PREFIX):
        return None
    org_no = identifier.removeprefix(_ORG_PREFIX)
    if not is_org_no(org_no):
        return None
    given = rights if isinstance(rights, list) else []
    return Reportee(
        org_no, _text(reportee.get("Name")), frozenset(r for r in given if isinstance(r, str))
    )


def roles_for(kind: UnitKind, rights: Iterable[str]) -> frozenset[str]:
    """Translate rights given at the provider into our roles; unknown rights give none.

    >>> sorted(roles_for("municipality", ["leder", "renholder"]))
    ['municipality_leader']
    """
    return frozenset(
        ROLES[kind, right.lower()] for right in rights if (kind, right.lower()) in ROLES
    )


def queues_for(rights: Iterable[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the units and the services that rights given at the provider set somebody to serve; none named is none.

    `enhet:*` and `tjeneste:*` are said by an organisation that is not divided.

    >>> queues_for(["saksbehandler", "tjeneste:bostotte", "enhet:*"]) == (frozenset("*"), frozenset({"bostotte"}))
    True
    >>> queues_for(["saksbehandler", "tjeneste:Alt mulig"])
    (frozenset(), frozenset())
    """
    given = [right.lower() for right in rights]

    def named(prefix: str) -> frozenset[str]:
        found = (one.removeprefix(prefix) for one in given if one.startswith(prefix))
        return frozenset(one for one in found if _QUEUE.fullmatch(one))

    return named(_UNIT_RIGHT), named(_SERVICE_RIGHT)


def read_logout_token(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, now: dt.datetime
) -> tuple[str, str] | Rejected:
    """Return `(sid, subject)` of a back-channel logout token, or why it is refused (OIDC BCL 1.0 § 2.6)."""
    audience = claims.get("aud")
    events = claims.get("events")
    seconds = now.timestamp()
    iat: Any = claims.get("iat")
    exp: Any = claims.get("exp")
    faults = (
        (claims.get("iss") != issuer, "iss is another issuer"),
        (
            client_id not in (audience if isinstance(audience, list) else [audience]),
            "aud is another client",
        ),
        (
            not _is_number(iat) or abs(seconds - iat) > _LOGOUT_TOKEN_MAX_AGE,
            "iat is too far from now",
        ),
        (
            exp is not None and (not _is_number(exp) or exp <= seconds - CLOCK_SKEW),
            "exp has passed",
        ),
        (
            not isinstance(events, dict) or LOGOUT_EVENT not in events,
            "events lacks back-channel logout",
        ),
        ("nonce" in claims, "nonce must be absent"),
        (
            not (_text(claims.get("sid")) or _text(claims.get("sub"))),
            "both sid and sub are missing",
        ),
    )
    for wrong, why in faults:
        if wrong:
            return Rejected("logout_token_invalid", why)
    return _text(claims.get("sid")), _text(claims.get("sub"))


def issuer_claim(token: str) -> str:
    """Read whom a token says it is from, without trusting it; empty when it can not be read."""
    parts = token.split(".")
    try:
        body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError):
        return ""
    return _text(body.get("iss")) if isinstance(body, dict) else ""


def safe_next(url: str) -> str:
    r"""Return a path on this site to go to after login; anything else becomes the front page.

    >>> safe_next("/min-side/"), safe_next("//evil.example/"), safe_next("https://evil.example")
    ('/min-side/', '/', '/')
    >>> safe_next("/\\evil.example"), safe_next("/logg-ut/")
    ('/', '/')
    """
    is_path = url.startswith("/") and not url.startswith("//") and len(url) <= _MAX_NEXT
    is_plain = all(" " < character < "\x7f" for character in url) and "\\" not in url
    is_loop = url.startswith(("/logg-inn/", "/logg-ut/", "/sprak/"))
    return url if is_path and is_plain and not is_loop else "/"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
