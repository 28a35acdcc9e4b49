"""Enhetsregisteret (Brønnøysund): organisations, their roles, and who signs for them.

Open: organisations, roles without numbers, signature and prokura (Fullmakttjenesten). With a token: roles with the
holders' national numbers. Beside employers, public payers and municipalities stand a few organisations with roles, one
for each thing that a role can meet: see `ORGANISATIONS`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox.context import Sandbox
from samspill.sandbox.households import KNOWN_PAYERS
from samspill.sandbox.municipalities import all_municipalities
from samspill.sandbox.numbers import make_org_no
from samspill.sandbox.people import Person
from samspill.sandbox.population import Population
from samspill.sandbox.web import Route, reply_json

ROLES_SCOPE = "brreg:data:enhetsregisteret:roller:person:oppslag:fnr"
_SERIAL = 500  # well past the employers'
_GROUPS = {
    "DAGL": "DAGL",
    "INNH": "INNH",
    "BOBE": "BOBE",
    "LEDE": "STYR",
    "NEST": "STYR",
    "MEDL": "STYR",
}
_NAMES = {
    "DAGL": "Daglig leder",
    "INNH": "Innehaver",
    "BOBE": "Bostyrer",
    "LEDE": "Styrets leder",
    "NEST": "Nestleder",
    "MEDL": "Styremedlem",
    "STYR": "Styre",
}


class Holder(NamedTuple):
    """Somebody in a role: the applicant of a named case. `ended`: no longer; `abroad`: without a Norwegian number."""

    role: str
    case: str
    ended: bool = False
    abroad: bool = False


class Organisation(NamedTuple):
    """A made-up organisation. `signature`, `procuration`: the combinations of holders, by their place in the list."""

    key: str
    name: str
    form: str
    holders: tuple[Holder, ...] = ()
    signature: tuple[tuple[int, ...], ...] = ()
    procuration: tuple[tuple[int, ...], ...] = ()
    bankrupt: bool = False
    deleted: str = ""

    @property
    def org_no(self) -> str:
        """Its number."""
        return make_org_no(_SERIAL + _KEYS.index(self.key))


_KEYS = ("help", "two_together", "bankrupt", "deleted", "new_leader", "sole_trader")
ORGANISATIONS: tuple[Organisation, ...] = (
    Organisation(
        "help",
        "Varme Hender AS",
        "AS",
        (
            Holder("DAGL", "couple_baerum"),
            Holder("LEDE", "owner_with_loan"),
            Holder("MEDL", "cooperative_owner"),
            Holder("MEDL", "adapted_dwelling"),
            Holder("MEDL", "foreign_pension", abroad=True),
        ),
        signature=((1,), (2, 3)),
        procuration=((3,),),
    ),
    Organisation(
        "two_together",
        "Tosamme AS",
        "AS",
        (Holder("LEDE", "owner_with_loan"), Holder("MEDL", "couple_baerum")),
        signature=((0, 1),),
    ),
    Organisation(
        "bankrupt",
        "Konkursbo Fjord AS",
        "AS",
        (Holder("DAGL", "couple_baerum"), Holder("BOBE", "capital_income")),
        bankrupt=True,
    ),
    Organisation(
        "deleted", "Borte AS", "AS", (Holder("DAGL", "couple_baerum"),), deleted="2026-05-01"
    ),
    Organisation(
        "new_leader",
        "Ny Leder AS",
        "AS",
        (Holder("DAGL", "couple_baerum", ended=True), Holder("DAGL", "owner_with_loan")),
    ),
    Organisation("sole_trader", "Skogens Regnskap", "ENK", (Holder("INNH", "self_employed"),)),
)
_BY_NUMBER = {one.org_no: one for one in ORGANISATIONS}


def organisation_number(key: str) -> str:
    """Give the number of one of `ORGANISATIONS` by its key."""
    return next(one.org_no for one in ORGANISATIONS if one.key == key)


# -- the open register --------------------------------------------------------------------------------


def _unit_names(sandbox: Sandbox) -> dict[str, tuple[str, str]]:
    names = {no: (name, "AS") for no, name in sandbox.population.employers.items()}
    names |= {no: (name.upper(), "ORGL") for no, name in KNOWN_PAYERS.items()}
    names |= {m.org_no: (f"{m.name} kommune".upper(), "KOMM") for m in all_municipalities()}
    names |= {one.org_no: (one.name.upper(), one.form) for one in ORGANISATIONS}
    return names


def _unit(org_no: str, name: str, form: str) -> dict[str, Any]:
    one = _BY_NUMBER.get(org_no)
    found: dict[str, Any] = {
        "organisasjonsnummer": org_no,
        "navn": name,
        "organisasjonsform": {"kode": form},
        "konkurs": one is not None and one.bankrupt,
        "underAvvikling": False,
        "underTvangsavviklingEllerTvangsopplosning": False,
        "respons_klasse": "Enhet",
    }
    if one is not None and one.deleted:
        found |= {"slettedato": one.deleted, "respons_klasse": "SlettetEnhet"}
    return found


def unit(sandbox: Sandbox, request: Request, org_no: str) -> Response:
    """Answer one organisation."""
    found = _unit_names(sandbox).get(org_no)
    return _absent(request, 404) if found is None else reply_json(_unit(org_no, *found))


def units(sandbox: Sandbox, request: Request) -> Response:
    """Answer the organisations with the numbers asked for."""
    asked = request.args.get("organisasjonsnummer", "").split(",")
    names = _unit_names(sandbox)
    found = [_unit(no, *names[no]) for no in asked if no in names]
    size = {"size": len(found), "totalElements": len(found), "totalPages": 1, "number": 0}
    return reply_json({"_embedded": {"enheter": found}, "page": size})


def _absent(request: Request, status: int) -> Response:
    reason = "Gone" if status == 410 else "Not Found"  # noqa: PLR2004
    return reply_json({"status": status, "error": reason, "path": request.path}, status)


# -- roles --------------------------------------------------------------------------------------------


def open_roles(sandbox: Sandbox, request: Request, org_no: str) -> Response:
    """Answer the roles of an organisation, holders by name and date of birth."""
    return _roles(sandbox, request, org_no, with_numbers=False)


def roles(sandbox: Sandbox, request: Request, org_no: str) -> Response:
    """Answer the roles of an organisation, holders with their national numbers."""
    return _roles(sandbox, request, org_no, with_numbers=True)


def _roles(sandbox: Sandbox, request: Request, org_no: str, *, with_numbers: bool) -> Response:
    if org_no not in _unit_names(sandbox):
        return _absent(request, 404)
    one = _BY_NUMBER.get(org_no)
    if one is not None and one.deleted:
        return _absent(request, 410)
    groups: dict[str, list[dict[str, Any]]] = {}
    for holder in one.holders if one else ():
        groups.setdefault(_GROUPS[holder.role], []).append(
            _role(sandbox.population, holder, with_numbers=with_numbers)
        )
    return reply_json(
        {
            "rollegrupper": [
                {
                    "type": {"kode": code, "beskrivelse": _NAMES[code]},
                    "sistEndret": "2026-02-03",
                    "roller": held,
                }
                for code, held in groups.items()
            ]
        }
    )


def _role(population: Population, holder: Holder, *, with_numbers: bool) -> dict[str, Any]:
    person = population.applicant(holder.case)
    facts: dict[str, Any] = {
        "fodselsdato": person.born.isoformat(),
        "navn": {"fornavn": person.given, "etternavn": person.family},
        "erDoed": person.died is not None,
    }
    if with_numbers and not holder.abroad:
        facts["fodselsnummer"] = person.national_id
    return {
        "type": {"kode": holder.role, "beskrivelse": _NAMES[holder.role]},
        "person": facts,
        "avregistrert": holder.ended,
        "rekkefolge": 0,
    }


# -- Fullmakttjenesten --------------------------------------------------------------------------------


def signature(sandbox: Sandbox, request: Request, org_no: str) -> Response:
    """Answer who signs for an organisation."""
    one = _BY_NUMBER.get(org_no)
    return _authority(sandbox, request, org_no, one.signature if one else ())


def procuration(sandbox: Sandbox, request: Request, org_no: str) -> Response:
    """Answer who holds prokura for an organisation."""
    one = _BY_NUMBER.get(org_no)
    return _authority(sandbox, request, org_no, one.procuration if one else ())


def _authority(
    sandbox: Sandbox, request: Request, org_no: str, combinations: tuple[tuple[int, ...], ...]
) -> Response:
    found = _unit_names(sandbox).get(org_no)
    if found is None:
        return _absent(request, 404)
    body: dict[str, Any] = {
        "status": {
            "rutineStatus": {"kode": "OK"},
            "kombinasjonStatus": {"kode": "OK" if combinations else "IK"},
            "regelStatus": {"kode": "RF" if combinations else "RI"},
        },
        "enhet": {"organisasjonsnummer": org_no, "navn": found[0]},
        "signeringsGrunnlag": {"kode": "SF" if combinations else "SI"},
    }
    if combinations:
        holders = _BY_NUMBER[org_no].holders
        body["signeringsKombinasjon"] = {
            "kombinasjon": [
                {
                    "kode": "R0012",
                    "kombinasjonsId": str(n),
                    "personRolleKombinasjon": [
                        _signatory(sandbox.population.applicant(holders[at].case), holders[at].role)
                        for at in places
                    ],
                }
                for n, places in enumerate(combinations, 1)
            ]
        }
    return reply_json(body)


def _signatory(person: Person, role: str) -> dict[str, Any]:
    return {
        "fodselsdato": person.born.strftime("%d.%m.%Y"),
        "navn": person.name,
        "rolle": {"kode": role, "tekstforklaring": _NAMES[role]},
    }


_API, _AUTHORISED = "/enhetsregisteret/api/enheter", "/enhetsregisteret/autorisert-api/enheter"
ROUTES: list[Route] = [
    (Rule(f"{_API}/<org_no>", methods=["GET"]), unit),
    (Rule(_API, methods=["GET"]), units),
    (Rule(f"{_API}/<org_no>/roller", methods=["GET"]), open_roles),
    (Rule(f"{_AUTHORISED}/<org_no>/roller", methods=["GET"]), roles),
    (Rule("/fullmakt/enheter/<org_no>/signatur", methods=["GET"]), signature),
    (Rule("/fullmakt/enheter/<org_no>/prokura", methods=["GET"]), procuration),
]
