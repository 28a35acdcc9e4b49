"""The web part of the login providers and of Maskinporten."""

from __future__ import annotations

import threading
import urllib.request
from typing import Any
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup
from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox import pages
from samspill.sandbox.context import Sandbox
from samspill.sandbox.oidc import (
    AskedWrongly,
    Identity,
    Interaction,
    OAuthError,
    Provider,
    Session,
    answer_address,
)
from samspill.sandbox.people import Person
from samspill.sandbox.staff import STAFF, StaffMember, staff_member
from samspill.sandbox.texts import language_of, text
from samspill.sandbox.web import Reply, Route, redirect, reply_json, reply_page

PAGE_SIZE = 20
_BACKCHANNEL_TIMEOUT_S = 3.0


def _cookie(provider: Provider) -> str:
    return f"sandbox_{provider.profile.name}_sso"


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _form(request: Request) -> dict[str, str]:
    return {k: v for k, v in request.form.items() if isinstance(v, str)}


def _refuse(error: OAuthError) -> Response:
    return reply_json({"error": error.code, "error_description": error.description}, error.status)


# -- metadata and machines ----------------------------------------------------------------------------


def discovery(sandbox: Sandbox, request: Request, provider: str) -> Response:
    """Answer the discovery document."""
    return reply_json(sandbox.providers[provider].metadata(sandbox.issuer(provider, request)))


def jwks(sandbox: Sandbox, request: Request, provider: str) -> Response:  # noqa: ARG001
    """Answer the public keys."""
    return reply_json(sandbox.providers[provider].signer.jwks())


def push(sandbox: Sandbox, request: Request, provider: str) -> Response:
    """Take a pushed authorization request."""
    try:
        found = sandbox.providers[provider].push(_form(request), sandbox.issuer(provider, request))
    except OAuthError as error:
        return _refuse(error)
    return reply_json(found, 201)


def token(sandbox: Sandbox, request: Request, provider: str) -> Response:
    """Exchange a code for tokens."""
    try:
        found = sandbox.providers[provider].token(_form(request), sandbox.issuer(provider, request))
    except OAuthError as error:
        return _refuse(error)
    return reply_json(found, Pragma="no-cache")


def machine_metadata(sandbox: Sandbox, request: Request) -> Response:
    """Answer Maskinporten's metadata."""
    return reply_json(sandbox.maskinporten.metadata(sandbox.issuer("maskinporten", request)))


def machine_keys(sandbox: Sandbox, request: Request) -> Response:  # noqa: ARG001
    """Answer Maskinporten's public keys."""
    return reply_json(sandbox.maskinporten.signer.jwks())


def machine_token(sandbox: Sandbox, request: Request) -> Response:
    """Exchange a signed grant for an access token."""
    try:
        found = sandbox.maskinporten.token(_form(request), sandbox.issuer("maskinporten", request))
    except OAuthError as error:
        return _refuse(error)
    return reply_json(found)


# -- people -------------------------------------------------------------------------------------------


def authorize(sandbox: Sandbox, request: Request, provider: str) -> Response:
    """Begin a login: sign on by the session, or ask who to be."""
    one = sandbox.providers[provider]
    issuer = sandbox.issuer(provider, request)
    waiting = one.interaction(request.args.get("interaction", ""))
    if waiting is None and "interaction" in request.args:
        return _over(provider, _language(request))
    try:
        interaction = waiting or one.begin(request.values.to_dict())
    except AskedWrongly as wrong:
        answer = {
            "error": wrong.error.code,
            "error_description": wrong.error.description,
            "iss": issuer,
        }
        return redirect(answer_address(wrong.params, answer))
    except OAuthError as error:
        html = pages.refused_page(provider, error.code, error.description, _language(request))
        return reply_page(html, 400)
    session = one.sign_on(interaction, request.cookies.get(_cookie(one)))
    if session is not None:
        return _finish(sandbox, one, interaction, session, issuer)
    if interaction.params.get("prompt") == "none":
        return redirect(one.cancel(interaction, issuer, "login_required"))
    return _choose_page(sandbox, request, one, interaction)


def choose(sandbox: Sandbox, request: Request, provider: str) -> Response:
    """Take the choice of person and level."""
    one = sandbox.providers[provider]
    issuer = sandbox.issuer(provider, request)
    interaction = one.interaction(request.form.get("interaction", ""))
    if interaction is None:
        return _over(provider, _language(request))
    if "cancel" in request.form:
        return redirect(one.cancel(interaction, issuer))
    try:
        identity = _identity(sandbox, request, one, interaction)
    except Reply as reply:
        return reply.response
    session = one.start_session(identity)
    return _finish(sandbox, one, interaction, session, issuer)


def _finish(
    sandbox: Sandbox, one: Provider, interaction: Interaction, session: Session, issuer: str
) -> Response:
    fault = sandbox.switches.take_fault(one.profile.name)
    try:
        response = redirect(one.finish(interaction, session, issuer, fault))
    except OAuthError:
        return _over(one.profile.name, language_of(interaction.locales))
    response.set_cookie(
        _cookie(one), session.sid, path=f"/{one.profile.name}", httponly=True, samesite="Lax"
    )
    return response


def _over(provider: str, language: str) -> Response:
    return reply_page(pages.over_page(provider, language), 400)


def _language(request: Request, locales: str = "") -> str:
    """Give the language that the service asks for (`ui_locales`), else the browser's."""
    return language_of(locales or request.headers.get("Accept-Language", ""))


def _identity(
    sandbox: Sandbox, request: Request, one: Provider, interaction: Interaction
) -> Identity:
    levels = interaction.levels(one.profile)
    level = request.form.get("level", "")
    if level not in levels:
        level = levels[-1]
    wanted = request.form.get("person") or request.form.get("number", "").replace(" ", "")
    if one.profile.has_organisations:
        member = staff_member(wanted)
        if member is not None:
            return _employee(request, interaction, member, level)
    else:
        person = _person(sandbox, wanted)
        if person is not None:
            return Identity(person.national_id, level)
    message = text("unknown_person", _language(request, interaction.locales))
    raise Reply(_choose_page(sandbox, request, one, interaction, message=message))


def _person(sandbox: Sandbox, wanted: str) -> Person | None:
    population = sandbox.population
    if wanted in population.cases:
        return population.applicant(wanted)
    if wanted.isascii() and wanted.isdigit() and int(wanted) < len(population.persons):
        return population.persons[int(wanted)]
    return population.person(wanted)


def _employee(
    request: Request, interaction: Interaction, member: StaffMember, level: str
) -> Identity:
    """Give the employee with the organisations they act for; ask which when only one is wanted."""
    details = interaction.details()
    if not details or not member.reportees:
        return Identity(member.national_id, level)
    chosen = list(member.reportees)
    if (
        len(chosen) > 1
        and str(details[0].get("allow_multiple_organizations", "")).lower() != "true"
    ):
        org_no = request.form.get("organisation")
        chosen = [r for r in chosen if r.org_no == org_no]
        if not chosen:
            language = _language(request, interaction.locales)
            html = pages.organisation_page(
                interaction=interaction.id, member=member, level=level, language=language
            )
            raise Reply(reply_page(html, forms_to=_origin(interaction.params["redirect_uri"])))
    reportees = [
        {
            "ID": f"0192:{r.org_no}",
            "Authority": "iso6523-actorid-upis",
            "Name": r.name,
            "Rights": list(r.rights),
        }
        for r in chosen
    ]
    claim: tuple[dict[str, Any], ...] = tuple(
        {**detail, "resource_name": "Samspill", "reportees": reportees} for detail in details
    )
    return Identity(member.national_id, level, claim)


def _choose_page(
    sandbox: Sandbox,
    request: Request,
    one: Provider,
    interaction: Interaction,
    *,
    message: str = "",
) -> Response:
    language = _language(request, interaction.locales)
    kind = one.profile.name
    query = request.args.get("q", "").strip()
    municipality_no = request.args.get("municipality_no", "")
    search = pages.search_form(
        action=f"/{kind}/authorize",
        hidden={"interaction": interaction.id},
        query=query,
        municipality_no=municipality_no,
        language=language,
    )
    if one.profile.has_organisations:
        choices = pages.staff_choices(_staff_found(query, municipality_no), language)
    else:
        choices = _people_found(sandbox, request, interaction, query, municipality_no)
    html = pages.choose_page(
        kind=kind,
        interaction=interaction.id,
        language=language,
        levels=interaction.levels(one.profile),
        choices=choices,
        search=search,
        message=message,
        chosen_level=request.form.get("level", ""),
    )
    return reply_page(
        html, 400 if message else 200, forms_to=_origin(interaction.params["redirect_uri"])
    )


def _staff_found(query: str, municipality_no: str) -> list[StaffMember]:
    words = query.casefold().split()
    return [
        member
        for member in STAFF
        if (not municipality_no or member.key.endswith(municipality_no))
        and all(w in f"{member.name} {member.title}".casefold() for w in words)
    ]


def _people_found(
    sandbox: Sandbox,
    request: Request,
    interaction: Interaction,
    query: str,
    municipality_no: str,
) -> Markup:
    language = _language(request, interaction.locales)
    population = sandbox.population
    if not query and not municipality_no:
        return pages.case_choices(population, list(population.cases.values()), language)
    offset = request.args.get("offset", default=0, type=int)
    hits = population.search(query, municipality_no=municipality_no, offset=offset, limit=PAGE_SIZE)
    more = ""
    if offset + PAGE_SIZE < hits.total:
        asked = {
            "interaction": interaction.id,
            "q": query,
            "municipality_no": municipality_no,
            "offset": offset + PAGE_SIZE,
        }
        more = f"/idporten/authorize?{urlencode(asked)}"
    cases = [
        case
        for case in population.cases.values()
        if population.persons[case.applicant] in hits.people
    ]
    return pages.case_choices(population, cases, language) + pages.hit_choices(
        population, hits.people, hits.total, more, language
    )


# -- logout -------------------------------------------------------------------------------------------


def end_session(sandbox: Sandbox, request: Request, provider: str) -> Response:
    """End the session, tell the services, and send the browser back."""
    one = sandbox.providers[provider]
    params = {k: v for k, v in request.values.items() if isinstance(v, str)}
    try:
        logout = one.end(
            params, request.cookies.get(_cookie(one)), sandbox.issuer(provider, request)
        )
    except OAuthError as error:
        return reply_page(
            pages.refused_page(provider, error.code, error.description, _language(request)), 400
        )
    for address, token_text in logout.backchannel:
        threading.Thread(target=_tell, args=(address, token_text), daemon=True).start()
    if logout.redirect_to and not logout.frontchannel:
        response = redirect(logout.redirect_to)
    else:
        language = _language(request, params.get("ui_locales", ""))
        html = pages.logout_page(provider, logout.frontchannel, logout.redirect_to, language)
        response = reply_page(html, frames=" ".join({_origin(f) for f in logout.frontchannel}))
        if logout.redirect_to:
            response.headers["Refresh"] = f"1; url={logout.redirect_to}"
    response.delete_cookie(_cookie(one), path=f"/{provider}")
    return response


def _tell(address: str, token_text: str) -> None:
    """Send the logout token; a service that does not answer has itself to blame."""
    body = urlencode({"logout_token": token_text}).encode()
    try:
        with urllib.request.urlopen(address, body, _BACKCHANNEL_TIMEOUT_S):  # noqa: S310
            pass
    except OSError:
        return


_P = "/<any(idporten,ansattporten):provider>"
ROUTES: list[Route] = [
    (Rule(f"{_P}/.well-known/openid-configuration", methods=["GET"]), discovery),
    (Rule(f"{_P}/jwks", methods=["GET"]), jwks),
    (Rule(f"{_P}/par", methods=["POST"]), push),
    (Rule(f"{_P}/authorize", methods=["GET", "POST"]), authorize),
    (Rule(f"{_P}/choose", methods=["POST"]), choose),
    (Rule(f"{_P}/token", methods=["POST"]), token),
    (Rule(f"{_P}/end_session", methods=["GET", "POST"]), end_session),
    (
        Rule("/maskinporten/.well-known/oauth-authorization-server", methods=["GET"]),
        machine_metadata,
    ),
    (Rule("/maskinporten/jwk", methods=["GET"]), machine_keys),
    (Rule("/maskinporten/token", methods=["POST"]), machine_token),
]
