"""`/_sandbox/`: see the people, make components misbehave, change one person, start over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib.resources import files
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox import pages
from samspill.sandbox.clients import RegistrationError, client_from_json
from samspill.sandbox.context import Sandbox
from samspill.sandbox.people import Person
from samspill.sandbox.staff import STAFF
from samspill.sandbox.switches import SwitchError
from samspill.sandbox.texts import language_of
from samspill.sandbox.web import Reply, Route, read_json, redirect, reply_json, reply_page
from samspill.sandbox.world import ChangeError, World

_PAGE_SIZE = 50


def _bad(message: str) -> Response:
    return reply_json({"feil": {"kode": "400", "melding": message}}, 400)


# -- looking ------------------------------------------------------------------------------------------


def home(sandbox: Sandbox, request: Request) -> Response:
    """Show the control page."""
    language = language_of(
        f"{request.args.get('lang', '')} {request.headers.get('Accept-Language', '')}"
    )
    query = request.args.get("q", "").strip()
    number = request.args.get("municipality_no", "")
    search = pages.search_form(
        action="/_sandbox/",
        hidden={"lang": language},
        query=query,
        municipality_no=number,
        language=language,
    )
    hits = pages.NOTHING
    if query or number:
        found = sandbox.population.search(query, municipality_no=number, limit=_PAGE_SIZE)
        hits = pages.people_table(sandbox.population, found.people, language)
    html = pages.control_page(
        population=sandbox.population,
        switches=sandbox.switches,
        staff=STAFF,
        search=search,
        hits=hits,
        language=language,
    )
    return reply_page(html)


def persons(sandbox: Sandbox, request: Request) -> Response:
    """Answer people by words and municipality."""
    hits = sandbox.population.search(
        request.args.get("q", ""),
        municipality_no=request.args.get("municipality_no", ""),
        offset=request.args.get("offset", default=0, type=int),
        limit=min(request.args.get("limit", default=_PAGE_SIZE, type=int), 1000),
    )
    return reply_json(
        {"total": hits.total, "people": [_person_json(sandbox, p) for p in hits.people]}
    )


def cases(sandbox: Sandbox, request: Request) -> Response:  # noqa: ARG001
    """Answer the named cases."""
    population = sandbox.population
    return reply_json(
        [
            {
                "name": case.name,
                "shows": case.shows,
                "expect": case.expect,
                "applicant": _person_json(sandbox, population.persons[case.applicant]),
            }
            for case in population.cases.values()
        ]
    )


def staff(sandbox: Sandbox, request: Request) -> Response:  # noqa: ARG001
    """Answer the employees."""
    return reply_json(
        [
            {
                "key": s.key,
                "personidentifikator": s.national_id,
                "name": s.name,
                "title": s.title,
                "reportees": [r._asdict() for r in s.reportees],
            }
            for s in STAFF
        ]
    )


def _person_json(sandbox: Sandbox, person: Person) -> dict[str, Any]:
    household = sandbox.population.households[person.household]
    return {
        "key": str(person.serial),
        "personidentifikator": person.national_id,
        "name": person.name,
        "born": person.born.isoformat(),
        "municipality_no": household.dwelling.municipality_no,
        "household": [sandbox.population.persons[m].national_id for m in household.members],
        "housing": household.housing._asdict(),
        "case": household.case,
    }


def health(sandbox: Sandbox, request: Request) -> Response:  # noqa: ARG001
    """Answer that the sandbox is up, and how large it is."""
    population = sandbox.population
    return reply_json(
        {
            "sandbox": True,
            "seed": population.seed,
            "households": len(population.households),
            "persons": len(population.persons),
        }
    )


def stylesheet(sandbox: Sandbox, request: Request) -> Response:  # noqa: ARG001
    """Answer the style sheet of the sandbox's pages."""
    css = files(__package__).joinpath("static/sandbox.css").read_text("utf-8")
    return Response(
        css, content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=300"}
    )


# -- changing -----------------------------------------------------------------------------------------


def _sent(request: Request) -> dict[str, Any]:
    return request.form.to_dict() if request.form else read_json(request)


def _done(sandbox: Sandbox, request: Request) -> Response:
    if request.form:
        return redirect("/_sandbox/")
    return reply_json(sandbox.switches.as_json())


def see_switches(sandbox: Sandbox, request: Request) -> Response:  # noqa: ARG001
    """Answer the state of all switches."""
    return reply_json(sandbox.switches.as_json())


def set_switch(sandbox: Sandbox, request: Request, component: str) -> Response:
    """Make a component behave in a mode."""
    data = _sent(request)
    try:
        times = data.get("times")
        sandbox.switches.set(
            component,
            str(data.get("mode", "")),
            seconds=float(data.get("seconds", 3.0)),
            times=None if times is None else int(times),
            how=str(data.get("how", "503")),
        )
    except (SwitchError, TypeError, ValueError) as error:
        return _bad(str(error))
    return _done(sandbox, request)


def set_fault(sandbox: Sandbox, request: Request, provider: str) -> Response:
    """Make a login provider lie once."""
    try:
        sandbox.switches.set_fault(provider, str(_sent(request).get("fault", "")))
    except SwitchError as error:
        return _bad(str(error))
    return _done(sandbox, request)


def new_key(sandbox: Sandbox, request: Request, component: str) -> Response:
    """Give a provider a new signing key."""
    signers = {name: p.signer for name, p in sandbox.providers.items()}
    signers["maskinporten"] = sandbox.maskinporten.signer
    if component not in signers:
        return _bad(f"'{component}' has no key. Use one of: {', '.join(signers)}.")
    signers[component].rotate()
    return _done(sandbox, request)


def register_client(sandbox: Sandbox, request: Request) -> Response:
    """Register a client of the providers and of Maskinporten."""
    try:
        client = client_from_json(read_json(request))
    except (RegistrationError, TypeError) as error:
        return _bad(str(error))
    sandbox.clients.register(client)
    return reply_json({"client_id": client.client_id}, 201)


def change(sandbox: Sandbox, request: Request) -> Response:
    """Change one person."""
    data = _sent(request)
    apply = _CHANGES.get(str(data.get("change", "")))
    if apply is None:
        return _bad(f"Unknown change. Use one of: {', '.join(_CHANGES)}.")
    try:
        apply(sandbox.world, str(data.get("personidentifikator", "")), data)
    except KeyError as error:
        return _bad(f"Missing: {error.args[0]}.")
    except (ChangeError, TypeError, ValueError) as error:
        return _bad(str(error))
    return reply_json({"changed": True, "sekvensnummer": sandbox.world.last_sequence()})


def _day(data: dict[str, Any], name: str) -> date:
    return date.fromisoformat(data[name])


def _income(world: World, number: str, data: dict[str, Any]) -> None:
    world.set_income(
        number,
        month=data["month"],
        amount=int(data["amount"]),
        description=data.get("description", "fastloenn"),
    )


def _protection(world: World, number: str, data: dict[str, Any]) -> None:
    world.set_protection(number, grade=data["grade"])


def _death(world: World, number: str, data: dict[str, Any]) -> None:
    world.set_death(number, day=_day(data, "date"))


def _move(world: World, number: str, data: dict[str, Any]) -> None:
    world.move(
        number,
        municipality_no=data["municipality_no"],
        day=_day(data, "date"),
        whole_household=bool(data.get("whole_household")),
    )


def _student(world: World, number: str, data: dict[str, Any]) -> None:
    last = _day(data, "to") if data.get("to") else None
    level = data.get("level", "hoeyereUtdanning")
    world.set_student(number, first=_day(data, "from"), last=last, level=level)


_CHANGES: dict[str, Callable[[World, str, dict[str, Any]], None]] = {
    "income": _income,
    "address_protection": _protection,
    "move": _move,
    "death": _death,
    "student": _student,
}


def reset(sandbox: Sandbox, request: Request) -> Response:
    """Make everything normal and forget every change."""
    sandbox.switches.reset()
    sandbox.world.reset()
    if request.mimetype == "application/x-www-form-urlencoded":
        raise Reply(redirect("/_sandbox/"))
    return _done(sandbox, request)


ROUTES: list[Route] = [
    (Rule("/_sandbox/", methods=["GET"]), home),
    (Rule("/_sandbox/health", methods=["GET"]), health),
    (Rule("/_sandbox/static/sandbox.css", methods=["GET"]), stylesheet),
    (Rule("/_sandbox/persons", methods=["GET"]), persons),
    (Rule("/_sandbox/cases", methods=["GET"]), cases),
    (Rule("/_sandbox/staff", methods=["GET"]), staff),
    (Rule("/_sandbox/switches", methods=["GET"]), see_switches),
    (Rule("/_sandbox/switches/<component>", methods=["PUT", "POST"]), set_switch),
    (Rule("/_sandbox/faults/<provider>", methods=["PUT", "POST"]), set_fault),
    (Rule("/_sandbox/keys/<component>", methods=["POST"]), new_key),
    (Rule("/_sandbox/clients", methods=["POST"]), register_client),
    (Rule("/_sandbox/changes", methods=["POST"]), change),
    (Rule("/_sandbox/reset", methods=["POST"]), reset),
]
