"""The pages of `mandates`: the citizen's own, acting for another, the counter and the phone."""

from __future__ import annotations

from typing import Any

from tests.a11y.visits import TRONDHEIM, page, sample

_ONE = {"mandate_id": sample("mandate.given")}
_PAPER = {"mandate_id": sample("mandate.paper")}
_COUNTER = ("caseworker", "leader", "counter")

PAGES = {
    "mandates": page("citizen"),
    "mandate-give": page("citizen"),
    "mandate-uses": page("citizen"),
    "mandate-sources": page("nobody", "caseworker"),
    "mandate-organisations": page("citizen"),
    "mandate-organisation": page("citizen", org_no=sample("mandate.organisation")),
    "mandate-act": page("citizen"),
    "mandate-act-confirm": page("citizen", mandate_id=sample("mandate.received")),
    "mandate": page("citizen", **_ONE),
    "mandate-change": page("citizen", **_ONE),
    "mandate-papers": page(*_COUNTER),
    "mandate-register": page(*_COUNTER),
    "mandate-paper": page(*_COUNTER, **_PAPER),
    "mandate-phone": page(*_COUNTER, "agency", "agency leader", "cleared at the agency"),
    "mandate-users": page("leader", "agency leader"),
    "mandate-shut": page(*_COUNTER),
}
NO_PAGE = {
    **dict.fromkeys(
        (
            "mandate-decide",
            "mandate-block",
            "mandate-act-stop",
            "mandate-approve",
            "mandate-paper-end",
            "mandate-letter",
            "authzen-evaluation",
            "authzen-evaluations",
            "authzen-search-subject",
            "authzen-search-resource",
            "authzen-search-action",
        ),
        "POST",
    ),
    "mandate-pdf": "PDF",
    "mandate-notice": "PDF",
    "mandate-notice-post": "PDF",
    "mandate-scan": "the scan of a paper",
    "mandate-own-scan": "the scan of a paper",
    "authzen-configuration": "JSON",
}


def make(stage: Any) -> dict[str, str]:
    """Make a mandate given and one received by the citizen of the walk, and a paper at Trondheim's counter."""
    import attrs

    from samspill.mandates import service

    people = stage.population()
    neighbours = stage.neighbours(TRONDHEIM)
    walker, helper = neighbours[0], neighbours[-1]

    def actor(national_id: str) -> Any:
        person = people.person(national_id)
        return attrs.evolve(stage.citizen(national_id), name=f"{person.given} {person.family}")

    def to(national_id: str) -> service.Offer:
        family = people.person(national_id).family
        return service.Offer(
            agent_number=national_id, agent_family=family, scopes=("husbanken:bostoette",)
        )

    def given(giver: str, agent: str) -> Any:
        text = service.preview(actor(giver), to(agent))
        made = service.give(actor(giver), to(agent), text_sha256=text.sha256)
        service.accept(actor(agent), mandate_id=made)
        return made

    counter = stage.employee("counter", number=TRONDHEIM)
    paper = service.register_paper(
        counter,
        giver_number=helper,
        giver_family=people.person(helper).family,
        offer=to(neighbours[1]),
    )
    return {
        "mandate.organisation": _led_by(actor(walker), giver=actor(helper)),
        "mandate.given": str(given(walker, helper)),
        "mandate.received": str(given(helper, walker)),
        "mandate.paper": str(paper),
    }


def _led_by(leader: Any, *, giver: Any) -> str:
    """Let Enhetsregisteret have said that somebody leads an organisation, and give it a mandate to answer."""
    import datetime as dt

    import attrs

    from samspill.infra import clock
    from samspill.kernel.ids import new_id
    from samspill.mandates import service
    from samspill.mandates.models import Organisation, Role
    from samspill.sandbox.numbers import make_org_no

    org_no, now = make_org_no(900), clock.now()
    held = Organisation.objects.create(
        org_no=org_no, name="Vandringens Venner", form="FLI", bankrupt=False, told_at=now,
        expires_at=now + dt.timedelta(hours=24),
    )  # fmt: skip
    Role.objects.create(
        id=new_id(), organisation=held, person_id=leader.person_id, code="DAGL", level="write",
        joint=False, court_appointed=False, ended=False,
    )  # fmt: skip
    offer = service.Offer(
        agent_org_no=org_no, agent_org_name=held.name, scopes=("husbanken:bostoette",)
    )
    text = service.preview(giver, offer)
    service.give(giver, offer, text_sha256=text.sha256)
    service.led(attrs.evolve(leader, level="high"), org_no=org_no)
    return org_no
