"""The access log: sealing, proofs at ten million leaves, and sending an application with and without its log row.

`python -m bench.bench_log [--events N] [--leaves N] [--rounds N]`, on a durable PostgreSQL of its own.

**Sealing**: CPU seconds of the sealing process and, told apart, of its PostgreSQL back end, best of three; the peer is
hashing the same number of ready entries into a tree in plain Python and nothing else. **Proofs**: a tree of ten million
leaves whose stored nodes are made in PostgreSQL; only the few leaves that the proofs touch are there at all, so that
reading more would fail. **Sending**: `cases.submit` in this process, registers answering from memory, with its log row
and with that part of the same SQL statement left out, in turns.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import house
from bench.row import Row

EVENTS, LEAVES, ROUNDS = 100_000, 10_000_000, 60
_TRIES, _PROOFS, _PERIOD = 3, 200, 1 << 12


def run(events: int = EVENTS, leaves: int = LEAVES, rounds: int = ROUNDS) -> list[Row]:
    """Measure all three."""
    with _samspill():
        rows = [_sealing(events), *_sending(rounds)]
        return [*rows, _proofs(leaves)]


@contextmanager
def _samspill() -> Iterator[None]:
    with house.database() as address, tempfile.TemporaryDirectory() as keys:
        os.environ |= {
            "DATABASE_URL": address,
            "SAMSPILL_KEYS": keys,
            "SAMSPILL_FILES": keys,
            "DJANGO_SETTINGS_MODULE": "samspill.site.settings",
        }
        import django

        django.setup()
        from django.db import connection

        from samspill.site import preparing, sparing

        preparing.migrate()
        sparing.settle()  # as the web and the worker, in which both run
        yield
        connection.close()


# --- sealing -------------------------------------------------------------------------------------


def _sealing(events: int) -> Row:
    from samspill.infra.proof import sealing

    ours, back_end, peer = [], [], []
    for _ in range(_TRIES):
        _happen(events)
        before, began = _spent_by_back_end(), time.process_time()
        assert sealing.seal_all() == events
        ours.append(time.process_time() - began)
        back_end.append(_spent_by_back_end() - before)
        peer.append(_plain_tree(events))
    both = [sum(pair) for pair in zip(ours, back_end, strict=True)]
    return Row(
        name=f"sealing {events} events",
        ours=f"{min(ours):.2f} s CPU in the process, {min(back_end):.2f} s in its PostgreSQL",
        peer=f"{min(peer):.2f} s CPU for the hashes of the tree alone",
        limit="1 s CPU",
        ratio=min(ours),
        target="< 1",
        met=min(ours) < 1,
        spread=f"process {min(ours):.2f}-{max(ours):.2f} s, with PostgreSQL {min(both):.2f}-{max(both):.2f} s",
    )


def _happen(events: int) -> None:
    """Write so many events of a thousand people, as caseworkers leave them."""
    from samspill.infra import access_log
    from samspill.kernel.actor import Actor

    people = [uuid.uuid4() for _ in range(1000)]
    workers = [
        Actor(
            kind="employee", person_id=uuid.uuid4(), org_no="964965137",
            roles=frozenset({"municipality_caseworker"}), request_id=uuid.uuid4().hex,
        )
        for _ in range(50)
    ]  # fmt: skip
    access_log.record_many(
        access_log.as_row(
            actor=workers[n % 50], action="read", purpose="handle the case",
            legal_basis="bustøttelova § 8", subject_id=people[n % 1000], case_id=people[-n % 1000],
            fields=("income", "address"),
        )
        for n in range(events)
    )  # fmt: skip


def _spent_by_back_end() -> float:
    from samspill.infra import sql

    found = sql.one("SELECT pg_backend_pid()", [])
    assert found is not None
    fields = Path(f"/proc/{found[0]}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _plain_tree(events: int) -> float:
    from samspill.infra.proof import merkle

    entries = [b"%0240d" % n for n in range(events)]
    began = time.process_time()
    for _ in merkle.grow(0, {}, [merkle.leaf_hash(entry) for entry in entries]):
        pass
    return time.process_time() - began


# --- proofs --------------------------------------------------------------------------------------


def _proofs(leaves: int) -> Row:
    from samspill.infra.proof import offline, tree

    hashes = _grow_in_database(leaves)
    root = tree.root(leaves)
    read, took = [], []
    for n in range(_PROOFS):
        index = n * 7_919_317 % leaves
        _put_leaves(index, leaves, hashes)
        began = time.perf_counter()
        proof = tree.inclusion(index, leaves)
        took.append(time.perf_counter() - began)
        read.append(proof.read)
        leaf = hashes[index % _PERIOD]
        assert offline.holds_inclusion(leaf, index, leaves, proof.steps, root)
    old = leaves * 2 // 3
    _put_leaves(old, leaves, hashes)
    grown = tree.consistency(old - old % 16, leaves)
    assert offline.holds_consistency(old - old % 16, leaves, grown.steps, *grown.roots)
    most = 2 * 16 * -(-leaves.bit_length() // 4)
    return Row(
        name=f"inclusion proof at {leaves} leaves",
        ours=f"{max(read)} stored hashes read, {statistics.median(took) * 1000:.2f} ms",
        peer=f"{leaves} hashes to make the tree anew",
        limit=f"{most} (32 for each four levels)",
        ratio=max(read) / most,
        target="≤ 1",
        met=max(read) <= most,
        spread=f"read {min(read)}-{max(read)} over {_PROOFS} proofs",
    )


def _grow_in_database(leaves: int) -> list[bytes]:
    """Store the nodes of a tree whose leaves repeat with a period; return the hashes of one period.

    A full subtree that is no longer than the period repeats as well, so that few hashes make the whole tree.
    """
    from samspill.infra import sql
    from samspill.infra.proof import merkle, tree

    hashes = [merkle.leaf_hash(b"%d" % n) for n in range(_PERIOD)]
    levels = [hashes]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([merkle.node_hash(row[n], row[n + 1]) for n in range(0, len(row), 2)])
    while leaves >> len(levels):
        levels.append([merkle.node_hash(levels[-1][0], levels[-1][0])])
    _without_triggers("TRUNCATE infra_log_leaf, infra_log_node, infra_log_checkpoint CASCADE")
    for level in range(tree.STRIDE, len(levels), tree.STRIDE):
        sql.run(
            "INSERT INTO infra_log_node (level, index, hash) "
            "SELECT %s, n, (%s::bytea[])[1 + n %% %s] FROM generate_series(0, %s) n",
            [level, levels[level], len(levels[level]), (leaves >> level) - 1],
        )
    _without_triggers("ANALYZE infra_log_node")
    return hashes


def _put_leaves(index: int, leaves: int, hashes: list[bytes]) -> None:
    """Put only those leaves there that lie in the same sixteen, and those at the edge."""
    from samspill.infra import sql

    near = range(index - index % 16, min(index - index % 16 + 16, leaves))
    wanted = {*near, *range(leaves - leaves % 16, leaves)}
    sql.run(
        "INSERT INTO infra_log_leaf (position, entry_id, hash) "
        "SELECT p, p, h FROM unnest(%s::bigint[], %s::bytea[]) w(p, h) ON CONFLICT DO NOTHING",
        [sorted(wanted), [hashes[n % _PERIOD] for n in sorted(wanted)]],
    )


def _without_triggers(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")


# --- sending -------------------------------------------------------------------------------------


def _sending(rounds: int) -> list[Row]:
    from samspill.cases.service import storing
    from samspill.cases.tests import builders
    from samspill.kernel.actor import system
    from samspill.packages import service as packages

    packages.publish(builders.ALLOTMENT, actor=system("bench"))
    _answer_from_memory()
    kept = storing._log

    def nothing(*_: Any) -> tuple[str, list[Any]]:
        return "SELECT 1", []

    took: dict[str, list[float]] = {"with": [], "without": []}
    for n in range(2 * rounds):
        side = ("with", "without")[n % 2]
        storing._log = kept if side == "with" else nothing
        took[side].append(_one_sending(n))
    storing._log = kept
    medians = {side: statistics.median(values) for side, values in took.items()}
    ratio = medians["without"] / medians["with"]
    return [
        Row(
            name="sending with its log row",
            ours=f"{medians['with'] * 1000:.2f} ms",
            peer=f"{medians['without'] * 1000:.2f} ms without",
            limit="the same",
            ratio=ratio,
            target="≥ 0.8",
            met=ratio >= 0.8,
            spread=f"median of {rounds} each, in turns",
        )
    ]


def _answer_from_memory() -> None:
    import attrs

    from samspill.cases.tests import builders
    from samspill.registers import service as registers

    fake = builders.Registers()
    fake.know(1)

    def answering(name: str) -> Callable[[Any], Any]:
        return lambda question: fake.fetch(name, question)

    registers.REGISTERS = {
        name: attrs.evolve(register, fetch=answering(name))
        for name, register in registers.REGISTERS.items()
    }


def _one_sending(number: int) -> float:
    from samspill.cases import service as cases
    from samspill.cases.tests import builders
    from samspill.infra import clock

    citizen = builders.a_citizen()
    with clock.frozen(dt.datetime(2026, 8, 10, 12, tzinfo=dt.UTC)):
        draft = cases.start_draft(citizen, package_id="allotment")
        opened = cases.save_fields(
            citizen, draft_id=draft.id, revision=draft.revision, values=builders.ANSWERS
        )
        assert opened is not None
        began = time.perf_counter()
        cases.submit(citizen, draft_id=draft.id, idempotency_key=str(number), declared=("truth",))
        return time.perf_counter() - began


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--leaves", type=int, default=LEAVES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    for row in run(given.events, given.leaves, given.rounds):
        print(row)


if __name__ == "__main__":
    main()
