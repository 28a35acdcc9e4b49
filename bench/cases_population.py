"""Cases for the benches of the room `cases`: real bostøtte applications, as many as wanted, by COPY.

Every case is the catalogue's first example (one adult, two children) with a person and an income of its own.
The registers are stood in for at the adapter, in the process, so that what is measured is ours.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import yaml

ROOT = Path(__file__).parents[1]
BOSTOTTE = ROOT / "src/samspill/catalogue/bostotte"
_REGISTER_OF = {
    "person": "folkeregisteret.person",
    "husstand": "folkeregisteret.household",
    "kontakt": "krr.contact",
    "student": "lanekassen.student",
    "nav": "nav.benefits",
    "bolig": "matrikkelen.dwelling",
    "inntekt": "skatteetaten.income",
    "lan": "husbanken.loans",
}


def start() -> Callable[[], None]:
    """Start an empty database of its own with the room's tables; give what stops it."""
    from samspill.infra import database

    folder = tempfile.TemporaryDirectory(prefix="samspill-bench-")
    server = database.start(Path(folder.name) / "postgres")
    os.environ["DATABASE_URL"] = database.ensure_database(server, "bench")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samspill.site.settings")
    os.environ["SAMSPILL_FILES"] = str(Path(folder.name) / "files")
    os.environ["SAMSPILL_KEYS"] = str(Path(folder.name) / "keys")
    os.environ["SAMSPILL_LOG"] = "ERROR"
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)

    def stop() -> None:
        connections.close_all()
        server.cleanup()
        folder.cleanup()

    return stop


@attrs.define
class Population:
    """People and their cases, with registers that know them."""

    template: dict[str, Any]
    incomes: dict[str, int] = attrs.field(factory=dict)
    answer_after: float = 0.0  # seconds that each question takes, as it would over a network

    def fetch(self, register: str, ask: Any) -> dict[Any, dict[str, Any]]:
        """Answer for a register, from memory."""
        if self.answer_after:
            time.sleep(self.answer_after)
        name = next((n for n, r in _REGISTER_OF.items() if r == register), "")
        said = self.template["facts"].get(name)
        if said is None:
            return {person: {"loans": []} for person in ask.persons} if name == "lan" else {}
        data = said[0] if isinstance(said, list) else said
        data = {key: value for key, value in data.items() if key != "person"}
        if name == "inntekt":
            return {p: self._income(data, self.incomes.get(p.value, 0)) for p in ask.persons}
        return dict.fromkeys(ask.persons, data)

    def _income(self, data: dict[str, Any], total: int) -> dict[str, Any]:
        items = [{**data["items"][0], "amount": total}]
        return {**data, "total": total, "items": items}


def connect_registers(people: Population) -> None:
    """Let the room `registers` ask the population instead of over the network."""
    from samspill.registers import service
    from samspill.registers.adapters.directory import REGISTERS

    service.REGISTERS = {
        name: attrs.evolve(register, fetch=lambda ask, name=name: people.fetch(name, ask))
        for name, register in REGISTERS.items()
    }


def numbers() -> Iterator[str]:
    """Give synthetic numbers (month + 80) without end."""
    from samspill.kernel.ids import check_digits

    for serial in range(10**9):
        day, rest = 1 + serial % 28, serial // 28
        month, rest = 81 + rest % 12, rest // 12
        year, individual = 40 + rest % 60, 900 + rest // 60
        nine = f"{day:02d}{month:02d}{year % 100:02d}{individual}"
        digits = check_digits(nine)
        if digits is not None:
            yield nine + digits


def load(size: int, *, state: str = "ready", with_terms: bool = True) -> Population:
    """Publish bostøtte and store so many submitted cases, a few thousand at a time."""
    from django.db import connection

    from samspill.kernel.actor import system
    from samspill.municipalities import service as municipalities
    from samspill.packages import service as packages

    packages.publish(BOSTOTTE, actor=system("bench"))
    package = packages.published("bostotte", on=dt.date(2026, 8, 1))
    example = yaml.safe_load((BOSTOTTE / "examples/eksempel_1_enslig_to_barn.yaml").read_text())
    people = Population(example)
    on = dt.date(2026, 8, 1)
    maker = _Maker(
        people=people,
        package=package,
        answers=json.dumps(packages.prefill(package, example["answers"], example["facts"], on=on)),
        documents=tuple(example.get("documents", ())),
        places=[m.id for m in municipalities.all_current()],
        state=state,
        tables=[t for t in _COLUMNS if with_terms or t != "cases_termentry"],
    )
    digits = numbers()
    for begun in range(0, size, _AT_ONCE):
        rows: dict[str, list[Sequence[Any]]] = {table: [] for table in _COLUMNS}
        for index in range(begun, min(begun + _AT_ONCE, size)):
            for table, row in maker.case(index, next(digits)):
                rows[table].append(row)
        _copy(rows)
        print(f"\r  {min(begun + _AT_ONCE, size)} of {size} cases", end="", file=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return people


def _copy(rows: dict[str, list[Sequence[Any]]]) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows[table]:
                    copy.write_row(row)


@attrs.frozen(kw_only=True)
class _Maker:
    """Makes the rows of one case after another; the answers are one text for all of them."""

    people: Population
    package: Any
    answers: str
    documents: tuple[str, ...]
    places: list[Any]
    state: str
    tables: list[str]

    def case(self, index: int, number: str) -> Iterator[tuple[str, Sequence[Any]]]:
        """Give (table, row) of a person and their case."""
        from samspill.infra.encryption import keyring, values

        person, case, hashing = uuid.uuid4(), uuid.uuid4(), keyring.ring().hashing[0]
        self.people.incomes[number] = 12_000 + index % 15_000
        sealed = values.encrypt(number, bound_to=f"identity_person {person}")
        yield "identity_person", (person, sealed, _AT)
        hashed = values.keyed_hash(number, key=hashing)
        yield "identity_number_hash", (hashed, hashing.id, person)
        yield "cases_case", self._case(index, case, person)
        yield (
            "cases_application",
            (case, person, self.answers, "{}", "{}", "{}", "0" * 64, "", str(case), str(case)[:24], _AT),
        )  # fmt: skip
        for document in self.documents:
            file = (document, uuid.uuid4(), "a.pdf", "application/pdf", 1, person, "applicant", _AT)
            yield "cases_attachment", (uuid.uuid4(), case, *file)
        if "cases_termentry" in self.tables:
            entry = ("bostotte", "2026-08-01", 1, "new", 0, "waiting", "", _AT)
            yield "cases_termentry", (uuid.uuid4(), case, *entry)

    def _case(self, index: int, case: uuid.UUID, person: uuid.UUID) -> Sequence[Any]:
        package, place = self.package, self.places[index % len(self.places)]
        due = dt.date(2026, 8, 20) + dt.timedelta(days=index % 40)
        waiting = package.process.states[self.state].waits_for
        return (
            case, "bostotte", package.version, package.sha256, place, "1108", person, "Kari", self.state, "",
            waiting, due, "ugradert", _AT, "nb", "digital", "2026-08-01", _AT, "{}", "", 1, _AT,
        )  # fmt: skip


_AT = dt.datetime(2026, 8, 10, 10, tzinfo=dt.UTC)
_AT_ONCE = 5000
_COLUMNS = {
    "identity_person": "id, number, created_at",
    "identity_number_hash": "hash, key, person_id",
    "cases_case": "id, package_id, package_version, package_sha256, municipality_id, "
    "municipality_no_at_submission, applicant_id, applicant_name, state, unit, waiting_for, due_on, "
    "protection, protection_checked_at, language, channel, situation_on, submitted_at, amended, "
    "stopped_reason, revision, changed_at",
    "cases_application": "case_id, applicant_id, answers, facts, reasons, declaration, body_sha256, "
    "request_sha256, idempotency_key, receipt_code, submitted_at",
    "cases_attachment": "id, case_id, document, file_id, filename, media_type, size, added_by, role, added_at",
    "cases_termentry": "id, case_id, package_id, term, sequence, origin, retest, state, held_reason, made_at",
}
