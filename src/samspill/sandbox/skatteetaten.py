"""Skatteetaten: monthly incomes of the a-ordning and the last tax settlement, one by one and in bulk."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from samspill.sandbox.context import Sandbox
from samspill.sandbox.incomes import FIRST_MONTH, LAST_MONTH, oppgaver, settlement_document
from samspill.sandbox.people import Person, month_index
from samspill.sandbox.web import Reply, Route, error_of, read_batch, reply_json
from samspill.sandbox.world import World

INCOME_SCOPE = "skatteetaten:inntekt"
SETTLEMENT_SCOPE = "skatteetaten:summertskattegrunnlag"
_STAGES = ("oppgjoer", "utkast", "fastsatt")


def _months(first: str, last: str) -> range:
    try:
        start = month_index(first)
        end = month_index(last or first)
    except ValueError as error:
        message = f"fraOgMed og tilOgMed må være måneder: {error}"
        raise Reply(error_of("skatteetaten", 400, "IM-006", message)) from error
    if end < start:
        message = "tilOgMed er før fraOgMed."
        raise Reply(error_of("skatteetaten", 400, "IM-006", message))
    return range(max(start, FIRST_MONTH), min(end, LAST_MONTH) + 1)


def _reported(world: World, person: Person, number: str, months: range) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for month in months:
        paid = world.payments(person, month)
        if paid:
            found += oppgaver(number, paid, month)
    return found


def income(sandbox: Sandbox, request: Request, package: str, national_id: str) -> Response:  # noqa: ARG001
    """Answer what was reported on one person."""
    months = _months(request.args.get("fraOgMed", ""), request.args.get("tilOgMed", ""))
    person = sandbox.world.person(national_id)
    if person is None:
        return error_of("skatteetaten", 404, "IM-007", "Ikke treff på oppgitt personidentifikator.")
    found = _reported(sandbox.world, person, national_id, months)
    if not found:
        message = "Det finnes ikke inntektsopplysninger for personen og tidspunktet."
        return error_of("skatteetaten", 404, "IM-008", message)
    return reply_json({"oppgaveInntektsmottaker": found})


def income_bulk(sandbox: Sandbox, request: Request, package: str) -> Response:  # noqa: ARG001
    """Answer what was reported on up to 1000 persons (ours)."""
    data, numbers = read_batch(request, "personidentifikatorer")
    months = _months(str(data.get("fraOgMed", "")), str(data.get("tilOgMed") or ""))
    world = sandbox.world
    return reply_json(
        {
            "inntektsmottakere": [
                {
                    "personidentifikator": number,
                    "oppgaveInntektsmottaker": _reported(world, person, number, months),
                }
                for number in numbers
                for person in (world.person(number),)
                if person is not None
            ]
        }
    )


def settlement(
    sandbox: Sandbox,
    request: Request,  # noqa: ARG001
    stage: str,
    package: str,  # noqa: ARG001
    year: int,
    national_id: str,
) -> Response:
    """Answer the tax settlement of one person and year."""
    person = sandbox.world.person(national_id)
    if person is None:
        return error_of(
            "skatteetaten", 404, "SSG-007", "Ikke treff på oppgitt personidentifikator."
        )
    found = settlement_document(person, year, stage)
    if found is None:
        message = (
            "Ingen summert skattegrunnlag funnet på oppgitt personidentifikator og inntektsår."
        )
        return error_of("skatteetaten", 404, "SSG-008", message)
    return reply_json(found)


def settlement_bulk(
    sandbox: Sandbox,
    request: Request,
    stage: str,
    package: str,  # noqa: ARG001
    year: int,
) -> Response:
    """Answer the tax settlements of up to 1000 persons (ours); those without are left out."""
    _, numbers = read_batch(request, "personidentifikatorer")
    world = sandbox.world
    people = (world.person(number) for number in numbers)
    found = (settlement_document(p, year, stage) for p in people if p is not None)
    return reply_json({"skattegrunnlag": [f for f in found if f is not None]})


_INCOME = "/skatteetaten/api/innrapportert/inntektsmottaker/<package>"
_SETTLED = (
    f"/skatteetaten/api/formueinntekt/summertskattegrunnlag/<any({','.join(_STAGES)}):stage>"
    "/<package>/<int:year>"
)
ROUTES: list[Route] = [
    (Rule(f"{_INCOME}/bulk", methods=["POST"]), income_bulk),
    (Rule(f"{_INCOME}/<national_id>/oppgave/inntekt", methods=["GET"]), income),
    (Rule(f"{_SETTLED}/bulk", methods=["POST"]), settlement_bulk),
    (Rule(f"{_SETTLED}/<national_id>", methods=["GET"]), settlement),
]
