"""The pages of `portfolio`: each role's own start, an initiative all the way, rounds in every state, the calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.a11y.visits import TRONDHEIM, page, sample

_ALL = ("owner", "KS", "municipal lead", "ministry", "secretariat")
_ONE = {"initiative_id": sample("initiative")}
_OTHERS = ("KS", "municipal lead", "ministry", "secretariat")

PAGES = {
    "together": page(*_ALL),
    "work-initiatives": [*page(*_ALL), *page("owner", query="?sok=finnes-ikke")],
    "initiative-new": page("owner"),
    "work-initiative": [
        *page(*_ALL, **_ONE),
        *page("owner", initiative_id=sample("initiative.new")),
    ],
    "initiative-basics": page("owner", *_OTHERS, **_ONE),
    "initiative-links": page("owner", *_OTHERS, **_ONE),
    "initiative-questions": page("owner", *_OTHERS, **_ONE),
    "initiative-question": page("owner", **_ONE, key="problem"),
    "initiative-relevance": [
        *page("owner", *_OTHERS, **_ONE),
        *page("KS", initiative_id=sample("initiative.judged")),
    ],
    "initiative-statement": page("owner", *_OTHERS, **_ONE),
    "initiative-involvement": page("owner", *_OTHERS, **_ONE),
    "initiative-likeness": page("owner", *_OTHERS, **_ONE),
    "initiative-windows": page("owner", *_OTHERS, **_ONE),
    "initiative-history": page("owner", *_OTHERS, **_ONE),
    "rounds": page(*_ALL),
    "round-new": page("ministry"),
    "round": [
        *page(*_ALL, round_id=sample("round.open")),
        *page("ministry", round_id=sample("round.closed")),
        *page("owner", round_id=sample("round.decided")),
    ],
    "budget-calendar": page("nobody", "municipal lead"),
}
NO_PAGE = dict.fromkeys(
    (
        "initiative-move",
        "initiative-publish",
        "initiative-state",
        "initiative-dissent",
        "initiative-comment",
        "initiative-influence",
        "initiative-appoint",
        "round-enter",
        "round-suggest",
        "round-decide",
        "round-withdraw",
        "round-recommend",
        "round-mandatory",
    ),
    "POST",
) | {"budget-calendar-feed": "iCalendar"}
_FRAMES = [
    {"payer": "state", "year": 2028, "plan_nok": 9e6, "commitment_nok": 12e6},
    {"payer": "municipal", "year": 2028, "plan_nok": 9e6},
]


def make(stage: Any) -> dict[str, str]:
    """Make initiatives at several places of their way, and a round of each kind."""
    from samspill.infra import clock
    from samspill.portfolio import service

    owner = stage.employee("initiative_owner", org_no="942114184")
    ministry = stage.employee("ministry", org_no="932384469")
    new = _initiative(service, owner, "Nytt tiltak", "registered", stage)
    judged = _initiative(service, owner, "Vurderes nå", "relevance", stage)
    shown = _initiative(service, owner, "Bostøtte på nett", "assessed", stage)
    _voices(service, stage, owner, shown)
    service.publish(owner, initiative_id=shown)
    made = {"initiative": str(shown), "initiative.new": str(new), "initiative.judged": str(judged)}
    today = clock.today()
    for name, year, ago in (("decided", 2032, 420), ("closed", 2033, 30), ("open", 2034, 0)):
        opened = today - dt.timedelta(days=ago)
        deadline = opened + dt.timedelta(days=14)
        with clock.frozen(opened):
            running = service.open_round(
                ministry, budget_year=year, deadline=deadline, budgets=_FRAMES,
                load_limits=[{"size_class": "<2000", "year": 2028, "hours": 60}],
            ).id  # fmt: skip
            for title, worth in (
                (f"Stort {year}", 9e6),
                (f"Middels {year}", 6e6),
                (f"Lite {year}", 2e6),
            ):
                one = _initiative(service, owner, title, "assessed", stage, worth)
                service.enter_round(owner, round_id=running, initiative_id=one)
            made[f"round.{name}"] = str(running)
            found = service.suggest(ministry, round_id=running)
        if name == "decided":
            with clock.frozen(deadline + dt.timedelta(days=1)):
                _decide(service, ministry, running, found)
    return made


def _decide(service: Any, ministry: Any, running: Any, found: dict[str, Any]) -> None:
    from uuid import UUID

    chosen = {UUID(key): year for key, year in found["starts"].items()}
    service.decide(ministry, round_id=running, chosen=chosen)


def _initiative(
    service: Any, owner: Any, title: str, state: str, stage: Any, worth: float = 5e6
) -> Any:
    ks = stage.employee("ks_coordinator", org_no="971032146")
    made = service.register(
        owner, title=title, summary="Én søknad, gjenbrukte opplysninger.", sector="housing",
        questions={"problem": "Innbyggere spørres to ganger om det samme."},
        packages=[{"package_id": "bostotte", "change": "changes"}],
        window_from=dt.date(2028, 1, 1), window_to=dt.date(2028, 12, 31),
    ).id  # fmt: skip
    if state == "registered":
        return made
    service.move(owner, initiative_id=made, to="relevance")
    sign(service, owner, made, "minor")
    if state == "relevance":
        return made
    sign(service, ks, made, "material")
    service.move(owner, initiative_id=made, to="involved")
    service.deposit(owner, initiative_id=made, kind="assessment", body=assessment(worth))
    service.make_statement(ks, initiative_id=made, position="agree", text=f"Gode tall: {title}.")
    service.move(owner, initiative_id=made, to="assessed")
    return made


def sign(service: Any, actor: Any, made: Any, verdict: str) -> None:
    """Sign a verdict with one criterion answered yes."""
    from samspill.portfolio.domain.relevance import CRITERIA

    criteria = {key: {"yes": key == "changes_work", "why": "Nye skjema."} for key in CRITERIA}
    service.sign_relevance(actor, initiative_id=made, verdict=verdict, criteria=criteria)


def assessment(worth: float) -> dict[str, Any]:
    """Return a finished assessment."""
    return {
        "assessment_id": "prove", "status": "frozen", "lines": 2, "municipalities": 357,
        "assumption_set": "2026-1", "assumptions_valid_to": "2029-12-31",
        "totals": {"Netto nåverdi": {"unit": "NOK", "mean": worth}, "Frigjorte timer": {"unit": "hours", "mean": 4000}},
        "candidate": {
            "value_nok": {"2028": worth}, "plan": {"state": [4e6], "municipal": [2e6]},
            "hours": {"<2000": [25.0]}, "draws": {"2028": [worth * f for f in (0.5, 1.0, 1.5)]},
            "goals": {"hours_freed": worth / 1000, "citizen_hours": worth / 400, "gain_smallest_nok": 1e7 - worth},
        },
    }  # fmt: skip


def _voices(service: Any, stage: Any, owner: Any, made: Any) -> None:
    from samspill.infra import clock
    from samspill.municipalities import service as municipalities

    ks = stage.employee("ks_coordinator", org_no="971032146")
    places = [municipalities.current(number).id for number in ("0301", TRONDHEIM, "5610")]  # type: ignore[union-attr]
    service.appoint(ks, initiative_id=made, municipality_ids=places)
    held = service.involve(
        owner, initiative_id=made, phase="concept", form="workshop", held_on=clock.today(),
        raised="Skjemaet spør to ganger.", municipality_ids=places[:2],
    )  # fmt: skip
    service.record_influence(
        owner, involvement_id=held.id, changed=True, text="Spørsmålet er tatt ut."
    )
    service.lodge_dissent(
        ks, initiative_id=made, text="Opplæringen er satt for lavt.",
        figures=[{"name": "Opplæring", "unit": "hours", "owner": 4000, "ks": 9500}],
    )  # fmt: skip
    lead = stage.employee("municipal_lead", number=TRONDHEIM)
    service.choose_window(
        lead, initiative_id=made, choice="planned",
        starts_on=dt.date(2028, 2, 1), ends_on=dt.date(2028, 6, 30),
    )  # fmt: skip
    service.comment(lead, initiative_id=made, text="Vi trenger tid til opplæring.")
