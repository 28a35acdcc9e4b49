"""The decision point with 1,000,000 mandates beside one bare prepared look-up, and AuthZEN beside an empty POST.

`python -m bench.bench_mandates [--grants N] [--rounds N] [--seconds S]`. In the process: one decision, and a list of
100 decisions (about ten people, and about a hundred), each beside a look-up of one row by its key on the same
connection, in turns. Over HTTP: evaluations with a real token, beside an empty POST to the same server by somebody
who is logged in, in turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

import attrs

from bench import house, load, spent
from bench.row import Row

GRANTS, ROUNDS, SECONDS = 1_000_000, 400, 4.0
_OF_EACH, _LIST = 100, 100
_SCOPE = "husbanken:bostoette"
_SECRET = "a" * 32
_TEN = (("write", _SCOPE), *(("read", f"{_SCOPE}{n or ''}") for n in range(9)))
_LOOKUP = "SELECT id, level, valid_to FROM mandates_grant WHERE id = %s"


def run(grants: int = GRANTS, rounds: int = ROUNDS, seconds: float = SECONDS) -> list[Row]:
    """Measure both, in a house of their own."""
    with house.house(web_workers=1) as started:
        agents = _fill(grants)
        rows = _in_process(agents, rounds, grants)
        return [*rows, *_over_http(started, agents, seconds)]


def _fill(grants: int) -> list[uuid.UUID]:
    """Make so many mandates: each agent has a hundred givers; return the agents."""
    from django.db import connection

    agents = grants // _OF_EACH
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        # Whom the rows name is made by the same numbers, so nothing need look for it a million times.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "INSERT INTO identity_person (id, number, created_at) "
            "SELECT md5('p' || n)::uuid, 'somebody.' || rpad(md5(n::text), 52, 'A'), now() "
            "FROM generate_series(1, %s) n",
            [agents + grants],
        )
        cursor.execute(
            "INSERT INTO mandates_party (person_id, born, protection, told_at, blocks_voluntary) "
            "SELECT md5('p' || n)::uuid, '1970-01-01', 'ugradert', now(), false "
            "FROM generate_series(1, %s) n",
            [agents + grants],
        )
        cursor.execute(_GRANTS, [agents, agents, grants])
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE identity_person, mandates_party, mandates_grant")
        cursor.execute("SELECT md5('p' || n)::uuid FROM generate_series(1, %s) n", [agents])
        return [row[0] for row in cursor.fetchall()]


_GRANTS = """
INSERT INTO mandates_grant (id, kind, source, source_ref, grantor_id, grantor_name, grantee_id, grantee_org,
  grantee_name, scopes, level, valid_from, may_delegate, delegated_by, parental_type, in_force, source_current,
  registered_by, registered_org, confirmed_by, accepted_at, revoke_reason, channel, created_at)
SELECT md5('g' || n)::uuid, 'fullmakt', 'samspill', '', md5('p' || (n + %s))::uuid, '',
  md5('p' || (1 + n %% %s))::uuid, '', '', ARRAY['husbanken:bostoette'], 'write', '2026-01-01', false, '', '', false,
  true, '', '', '', now(), '', 'web', now()
FROM generate_series(1, %s) n
"""


def _in_process(agents: list[uuid.UUID], rounds: int, grants: int) -> list[Row]:
    from django.db import connection

    from samspill.infra import clock
    from samspill.mandates import service
    from samspill.site import sparing

    sparing.settle()  # as the web does, in which both are asked
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grantee_id, grantor_id, id FROM mandates_grant WHERE grantee_id = ANY(%s)",
            [agents[: max(rounds // 10, 5)]],
        )
        found = cursor.fetchall()
    step = max(len(found) // rounds, 1)
    pairs = found[::step][:rounds]

    def question(pair: Any, at: Any = None) -> service.Question:
        return service.Question(
            actor=str(pair[0]), subject=str(pair[1]), scope=_SCOPE, action="write", at=at or clock.now(),
            eid_level="high",
        )  # fmt: skip

    singles = [question(pair) for pair in pairs]
    now = clock.now()  # a list is about one instant
    of_agents = list(_by_agent(found).values())
    many = [[question(pair, now) for pair in mine[:_LIST]] for mine in of_agents]
    assert all(one.allowed for one in service.decide_many(many[0]))
    assert {len(one) for one in many} == {_LIST}
    ten = [
        [
            attrs.evolve(question(pair, now), action=level, scope=scope)
            for pair in mine[:10]
            for level, scope in _TEN
        ]
        for mine in of_agents
    ]
    bare = connection.connection.cursor()

    def look(at: int) -> None:
        bare.execute(_LOOKUP, [pairs[at % len(pairs)][2]], prepare=True)
        assert bare.fetchone() is not None

    def decide(at: int) -> None:
        assert service.decide(singles[at % len(singles)]).allowed

    # As the single questions are about others each time, so is each list: another agent's people.
    def decide_list(at: int) -> None:
        service.decide_many(many[at % len(many)])

    def decide_few(at: int) -> None:
        service.decide_many(ten[at % len(ten)])

    peer, one, hundred, few = _in_turns([look, decide, decide_list, decide_few], rounds)
    ratio = _median(peer) / _median(one)
    about = f"{grants:,} mandates".replace(",", " ")
    return [
        Row(
            name=f"one decision, {about}",
            ours=f"{_median(one) * 1e6:.0f} µs",
            peer=f"{_median(peer) * 1e6:.0f} µs (one prepared look-up)",
            limit="the look-up itself",
            ratio=ratio,
            target="≥ 0.5 of the look-up",
            met=ratio >= 0.5,
            spread=_spread(one),
        ),
        _list_row(f"list of {_LIST} decisions about 10 people, {about}", few, one),
        _list_row(f"list of {_LIST} decisions about {_LIST} people, {about}", hundred, one),
    ]


def _by_agent(found: list[Any]) -> dict[uuid.UUID, list[Any]]:
    """Group (agent, giver, mandate) by agent."""
    agents: dict[uuid.UUID, list[Any]] = {}
    for pair in found:
        agents.setdefault(pair[0], []).append(pair)
    return agents


def _list_row(name: str, many: list[float], one: list[float]) -> Row:
    times = _LIST * _median(one) / _median(many)
    return Row(
        name=name,
        ours=f"{_median(many) / _LIST * 1e6:.1f} µs a decision",
        peer=f"{_median(one) * 1e6:.0f} µs (one by one)",
        limit="one statement",
        ratio=times,
        target="≥ 20 × one by one",
        met=times >= 20,
        spread=_spread(many),
    )


def _in_turns(calls: list[Callable[[int], None]], rounds: int) -> list[list[float]]:
    """Time each call in turns, after some that do not count."""
    times: list[list[float]] = [[] for _ in calls]
    for at in range(-30, rounds):
        for call, taken in zip(calls, times, strict=True):
            begun = time.perf_counter()
            call(at % rounds)
            if at >= 0:
                taken.append(time.perf_counter() - begun)
    return times


def _median(times: list[float]) -> float:
    return statistics.median(times)


def _spread(times: list[float]) -> str:
    low, _middle, high = statistics.quantiles(times, n=4)
    return f"middle half {low * 1e6:.0f}–{high * 1e6:.0f} µs"


def _over_http(started: house.House, agents: list[uuid.UUID], seconds: float) -> list[Row]:
    from django.conf import settings
    from django.db import connection

    from samspill.identity import service as identity
    from samspill.mandates.service import clients
    from samspill.mandates.web.authzen import SCOPE
    from samspill.registers.adapters.maskinporten import TokenClient

    clients.register_client(
        org_no="942114184", name="Husbanken", owners=["husbanken"], legal_basis="bustøttelova § 8"
    )
    token = TokenClient(**_client(settings.SAMSPILL["maskinporten"])).token(SCOPE)
    caller = clients.caller_of(identity.machine_from(f"Bearer {token}", scope=SCOPE))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT grantor_id FROM mandates_grant WHERE grantee_id = %s LIMIT 1", [agents[0]]
        )
        subject = cursor.fetchone()[0]
    body = json.dumps(
        {
            "subject": {"type": "person", "id": caller.pseudonym(agents[0])},
            "action": {"name": "write"},
            "resource": {
                "type": "representation",
                "id": _SCOPE,
                "properties": {"on_behalf_of": caller.pseudonym(subject)},
            },
            "context": {"eid_level": "high", "purpose": "bench"},
        }
    ).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    path = "/access/v1/evaluation"
    ours = load.request("POST", path, port=started.port, cookies={}, body=body, **headers)
    cookies = {"samspill": house.citizen_session(_somebody()), "csrf": _SECRET}
    form = {"Content_Type": "application/x-www-form-urlencoded", "X_CSRFToken": _SECRET}
    empty = load.request("POST", "/bench/empty/", port=started.port, cookies=cookies, **form)
    answers: list[bytes] = []
    load.run(started.port, [lambda: ours], seconds=0.5, answered=[answers.append])
    assert b'"decision": true' in answers[-1], answers[-1]
    assert set(load.run(started.port, [lambda: empty], seconds=0.5).statuses) == {200}
    return _beside_the_empty(started, {"empty": empty, "ours": ours}, seconds)


def _beside_the_empty(
    started: house.House, requests: dict[str, bytes], seconds: float
) -> list[Row]:
    """Send both in turns, and compare them by rate and by the CPU that web and PostgreSQL spend."""
    rates: dict[str, list[float]] = {name: [] for name in requests}
    cost, count = dict.fromkeys(requests, 0.0), dict.fromkeys(requests, 0)
    postmaster = spent.postmaster(started.database)
    for _ in range(3):
        for name, request in requests.items():
            before = sum(spent.cpu(started, postmaster).values())
            got = load.run(started.port, [lambda one=request: one] * 4, seconds=seconds / 3)  # type: ignore[misc]
            cost[name] += sum(spent.cpu(started, postmaster).values()) - before
            count[name] += len(got.times_ms)
            rates[name].append(got.rate)
    rate = {name: _median(found) for name, found in rates.items()}
    each = {name: cost[name] / count[name] * 1e3 for name in requests}
    shown = {"limit": "the empty POST", "target": "≥ 0.5 of the empty POST"}
    by_rate, by_cpu = rate["ours"] / rate["empty"], each["empty"] / each["ours"]
    return [
        Row(name="AuthZEN evaluation over HTTP", ours=f"{rate['ours']:.0f}/s",
            peer=f"{rate['empty']:.0f}/s (an empty POST)", ratio=by_rate, met=by_rate >= 0.5,
            spread=f"{min(rates['ours']):.0f}–{max(rates['ours']):.0f}/s", **shown),
        Row(name="AuthZEN evaluation over HTTP, by CPU spent", ours=f"{each['ours']:.2f} CPU ms",
            peer=f"{each['empty']:.2f} CPU ms (an empty POST)", ratio=by_cpu, met=by_cpu >= 0.5,
            spread="web and PostgreSQL, all rounds together; the load client is left out", **shown),
    ]  # fmt: skip


def _somebody() -> str:
    """Give the national number of one of the sandbox's people."""
    from samspill.sandbox.population import build

    return str(next(build(1, 20).applicants()).national_id)


def _client(stated: dict[str, str]) -> dict[str, str]:
    return {name: stated[name] for name in ("issuer", "client_id", "key_file")}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grants", type=int, default=GRANTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    for row in run(given.grants, given.rounds, given.seconds):
        print(row)


if __name__ == "__main__":
    main()
