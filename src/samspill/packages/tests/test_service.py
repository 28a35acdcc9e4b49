"""The door with a database: freezing, finding, pinning, refusing; a municipality's settings."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
from django.db import IntegrityError, InternalError, connection, connections, transaction
from django.utils import translation

from samspill.infra import clock
from samspill.kernel.actor import Actor, system
from samspill.kernel.ids import new_id
from samspill.kernel.outcome import RefusedError
from samspill.municipalities import service as municipalities
from samspill.packages import service as packages
from samspill.packages.domain.beside import faults_beside
from samspill.packages.domain.outcome import CheckItem
from samspill.packages.domain.reading import load
from samspill.packages.models import MunicipalSettings, PublishedPackage
from samspill.packages.service import store
from samspill.packages.tests.builders import a_folder, edited

SETTINGS = (
    "settings:\n  days: {type: integer, default: 3, min: 1, max: 9, law: act}\n"
    "  way: {type: choice, options: [post, hall], default: hall}\n"
)
WITH_SETTINGS = edited(
    edited(
        edited(a_folder(settings_yaml=SETTINGS), "texts/nb.yaml", "unit:", "setting: {days: {label: Dager}, way: {label: Måte}}\nunit:"),
        "texts/nn.yaml", "unit:", "setting: {days: {label: Dagar}, way: {label: Måte}}\nunit:",
    ),
    "texts/en.yaml", "unit:", "setting: {days: {label: Days}, way: {label: Way}}\nunit:",
)  # fmt: skip


def put(tmp_path: Path, files: dict[str, bytes], version: str = "0.1.0") -> Path:
    """Write a package to a folder, with another version number."""
    folder = tmp_path / f"{version}-{len(list(tmp_path.iterdir()))}"
    for path, content in edited(
        files, "service.yaml", "version: 0.1.0", f"version: {version}"
    ).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def publish(tmp_path: Path, files: dict[str, bytes], version: str = "0.1.0") -> packages.Published:
    return packages.publish(put(tmp_path, files, version), actor=system("test"))


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    store._loaded.cache_clear()


@pytest.mark.django_db
def test_what_is_published_is_found_pinned_and_listed(tmp_path: Path) -> None:
    done = publish(tmp_path, a_folder())
    assert done.is_new
    with clock.frozen(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)):
        found = packages.published("trial")
    assert (found.version, found.sha256) == ("0.1.0", done.sha256)
    assert packages.pinned("trial", "0.1.0", done.sha256) is found
    assert [(one.id, one.version, one.owner) for one in packages.list_published()] == [
        ("trial", "0.1.0", "942114184")
    ]
    with clock.frozen(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)):
        assert packages.describe("trial")["pages"] == ["about", "helper"]


@pytest.mark.django_db
def test_the_same_content_again_changes_nothing(tmp_path: Path) -> None:
    first = publish(tmp_path, a_folder())
    again = publish(tmp_path, a_folder())
    assert again.sha256 == first.sha256
    assert not again.is_new
    assert PublishedPackage.objects.count() == 1


@pytest.mark.django_db
def test_other_content_under_the_same_number_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, a_folder())
    with pytest.raises(RefusedError) as caught:
        publish(tmp_path, edited(a_folder(), "texts/en.yaml", "New service", "Newer service"))
    assert caught.value.refused.code == "version_taken"


@pytest.mark.django_db
def test_a_number_that_rises_too_little_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, a_folder())
    stricter = edited(a_folder(), "data.yaml", "max_length: 1000", "max_length: 10")
    stricter = edited(
        stricter, "examples/ordinary.yaml", "Jeg trenger ordningen fra neste måned.", "Kort"
    )
    with pytest.raises(RefusedError) as caught:
        publish(tmp_path, stricter, "0.2.0")
    refused = caught.value.refused
    assert refused.code == "step_too_small"
    assert refused.values["level"] == "major"
    assert publish(tmp_path, stricter, "1.0.0").is_new
    with pytest.raises(RefusedError) as caught:
        publish(tmp_path, edited(stricter, "texts/en.yaml", "New service", "x"), "0.9.0")
    assert caught.value.refused.code == "version_not_later"


@pytest.mark.django_db
def test_a_broken_package_is_not_published_at_all(tmp_path: Path) -> None:
    broken = edited(a_folder(), "examples/ordinary.yaml", "unit: service_desk", "unit: elsewhere")
    with pytest.raises(packages.PackageError, match="expected 'elsewhere'"):
        publish(tmp_path, broken)
    assert not PublishedPackage.objects.exists()


@pytest.mark.django_db
def test_only_the_owner_publishes(tmp_path: Path) -> None:
    folder = put(tmp_path, a_folder())
    stranger = Actor(kind="employee", org_no="958935420", roles=frozenset({"agency_leader"}))
    with pytest.raises(RefusedError) as caught:
        packages.publish(folder, actor=stranger)
    assert caught.value.refused.code == "not_owner"
    owner = Actor(kind="employee", org_no="942114184", roles=frozenset({"agency_leader"}))
    assert packages.publish(folder, actor=owner).is_new


@pytest.mark.django_db
def test_a_new_draft_takes_the_version_valid_on_its_day(tmp_path: Path) -> None:
    publish(tmp_path, a_folder())
    later = edited(
        a_folder(), "service.yaml", 'valid_from: "2026-11-22"', 'valid_from: "2027-03-01"'
    )
    publish(tmp_path, later, "0.1.1")
    assert packages.published("trial", on=dt.date(2027, 2, 28)).version == "0.1.0"
    assert packages.published("trial", on=dt.date(2027, 3, 1)).version == "0.1.1"
    with pytest.raises(RefusedError) as caught:
        packages.published("trial", on=dt.date(2026, 1, 1))
    assert caught.value.refused.status == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE packages_published SET version = '9.9.9'",
        "DELETE FROM packages_published",
        "TRUNCATE packages_published",
    ],
)
def test_the_database_refuses_to_change_what_is_published(tmp_path: Path, statement: str) -> None:
    publish(tmp_path, a_folder())
    with (
        pytest.raises((InternalError, IntegrityError), match="rows can only be added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert PublishedPackage.objects.count() == 1


@pytest.mark.django_db
def test_content_that_was_tampered_with_is_not_loaded(tmp_path: Path) -> None:
    done = publish(tmp_path, a_folder())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE packages_published SET files = jsonb_set(files, '{data.yaml}', to_jsonb('fields: {}'::text))"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(LookupError, match="do not match their hash"):
        packages.pinned("trial", "0.1.0", done.sha256)
    with pytest.raises(LookupError, match="never published"):
        packages.pinned("trial", "0.1.0", "0" * 64)


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_freeze_one_version(tmp_path: Path) -> None:
    folder = put(tmp_path, a_folder())
    new: list[bool] = []

    def run() -> None:
        try:
            new.append(packages.publish(folder, actor=system("test")).is_new)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False, False, True]
    assert PublishedPackage.objects.count() == 1


# ---------------------------------------------------------------------- what a municipality sets


@pytest.fixture
def place() -> municipalities.Municipality:
    return municipalities.all_current()[7]


@pytest.fixture
def trial(db: None, tmp_path: Path) -> packages.Package:
    publish(tmp_path, WITH_SETTINGS)
    return packages.published("trial", on=dt.date(2026, 12, 1))


def leader(place: municipalities.Municipality) -> Actor:
    return Actor(
        kind="employee",
        person_id=new_id(),
        municipality_id=place.id,
        roles=frozenset({"municipality_leader"}),
    )


def set_values(
    trial: packages.Package, place: municipalities.Municipality, **changes: object
) -> packages.Settings:
    given = {"valid_from": dt.date(2027, 1, 1), "values": {"days": 5}, **changes}
    with clock.frozen(dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)):
        return packages.set_settings(
            leader(place), package=trial, municipality_id=place.id, **given
        )


def on(
    trial: packages.Package, place: municipalities.Municipality, day: dt.date
) -> packages.Settings:
    return packages.settings_for(trial.id, place.id, day)


@pytest.mark.django_db
def test_values_hold_from_their_day_and_defaults_fill_the_rest(
    trial: packages.Package, place: municipalities.Municipality
) -> None:
    set_values(trial, place)
    assert on(trial, place, dt.date(2026, 12, 31)).values == {"days": 3, "way": "hall"}
    assert on(trial, place, dt.date(2027, 1, 1)).values == {"days": 5, "way": "hall"}
    other = municipalities.all_current()[8]
    assert on(trial, other, dt.date(2027, 1, 1)).values == {"days": 3, "way": "hall"}


@pytest.mark.django_db
def test_a_new_setting_ends_the_old_and_replaces_what_was_planned(
    trial: packages.Package, place: municipalities.Municipality
) -> None:
    set_values(trial, place, valid_from=dt.date(2027, 1, 1), values={"days": 4})
    set_values(trial, place, valid_from=dt.date(2027, 6, 1), values={"days": 6})
    set_values(trial, place, valid_from=dt.date(2027, 3, 1), values={"days": 5})
    days = [on(trial, place, dt.date(2027, month, 2)).values["days"] for month in (2, 4, 7)]
    assert days == [4, 5, 5]
    set_values(trial, place, valid_from=dt.date(2027, 3, 1), values={"days": 7})
    assert on(trial, place, dt.date(2027, 4, 1)).values["days"] == 7


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"values": {"days": 10}}, "bad_setting", "days"),
        ({"values": {"days": "5"}}, "bad_setting", "days"),
        ({"values": {"days": True}}, "bad_setting", "days"),
        ({"values": {"way": "mail"}}, "bad_setting", "way"),
        ({"values": {"nights": 5}}, "bad_setting", "nights"),
        ({"versions": "newest"}, "bad_range", "versions"),
        ({"is_open": False}, "no_reason", "closed_reason"),
        ({"is_open": False, "closed_reason": "Ferie", "closed_until": dt.date(2026, 12, 1)}, "bad_closure", "closed_until"),
        ({"valid_from": dt.date(2026, 11, 1)}, "too_late", "valid_from"),
    ],
)  # fmt: skip
def test_what_the_package_does_not_allow_is_refused(
    trial: packages.Package,
    place: municipalities.Municipality,
    changes: dict,
    code: str,
    where: str,
) -> None:
    with pytest.raises(RefusedError) as caught:
        set_values(trial, place, **changes)
    assert (caught.value.refused.code, caught.value.refused.where) == (code, where)
    assert not MunicipalSettings.objects.exists()


@pytest.mark.django_db
def test_a_refused_value_names_limit_and_law(
    trial: packages.Package, place: municipalities.Municipality
) -> None:
    with pytest.raises(RefusedError) as caught:
        set_values(trial, place, values={"days": 10})
    told = caught.value.refused.as_error()
    assert told["message"] == "days: 10 is over 9."
    assert told["remedy"] == "Choose a value from 1 to 9."
    assert caught.value.refused.law == "Forvaltningsloven § 11"


@pytest.mark.django_db
def test_only_the_leader_of_the_municipality_sets_values(
    trial: packages.Package, place: municipalities.Municipality
) -> None:
    other = leader(municipalities.all_current()[9])
    with pytest.raises(RefusedError) as caught:
        packages.set_settings(
            other,
            package=trial,
            municipality_id=place.id,
            valid_from=dt.date(2030, 1, 1),
            values={},
        )
    assert caught.value.refused.status == 403


@pytest.mark.django_db
def test_a_temporary_closure_has_a_reason_and_ends_by_itself(
    trial: packages.Package, place: municipalities.Municipality
) -> None:
    set_values(
        trial,
        place,
        is_open=False,
        closed_reason="Flytting av kontoret",
        closed_until=dt.date(2027, 1, 15),
    )
    closed = on(trial, place, dt.date(2027, 1, 15))
    assert (closed.open, closed.closed_reason, closed.values["days"]) == (
        False,
        "Flytting av kontoret",
        5,
    )
    after = on(trial, place, dt.date(2027, 1, 16))
    assert (after.open, after.closed_reason, after.closed_until) == (True, "", None)


@pytest.mark.django_db
def test_a_new_version_tells_which_municipalities_must_decide(
    trial: packages.Package, place: municipalities.Municipality, tmp_path: Path
) -> None:
    set_values(trial, place, values={"days": 8})
    fine = municipalities.all_current()[20]
    set_values(trial, fine, values={"days": 2})
    bound = municipalities.all_current()[21]
    set_values(trial, bound, values={"days": 2}, versions=">=0.1 <1")
    narrower = edited(WITH_SETTINGS, "settings.yaml", "max: 9", "max: 6")
    publish(tmp_path, narrower, "1.0.0")
    new = packages.published("trial", on=dt.date(2027, 1, 2))
    assert new.version == "1.0.0"
    told = {one.municipality_id: one for one in packages.still_valid(new, dt.date(2027, 1, 2))}
    assert told[fine.id].valid
    assert told[place.id].decide == ("days: 8 is over 6. Choose a value from 1 to 6.",)
    assert told[bound.id].decide == ("versions: >=0.1 <1 leaves out 1.0.0.",)
    assert on(trial, place, dt.date(2027, 1, 2)).values["days"] == 3


@pytest.mark.django_db
def test_the_database_allows_one_setting_a_day(
    trial: packages.Package, place: municipalities.Municipality
) -> None:
    set_values(trial, place)
    with pytest.raises(IntegrityError, match="packages_settings_one_a_day"), transaction.atomic():
        MunicipalSettings.objects.create(
            package_id="trial",
            municipality_id=place.id,
            valid_from=dt.date(2028, 1, 1),
            set_at=clock.now(),
        )


# ---------------------------------------------------------------------- writing packages


BESIDE = {
    "pace_s: [240, 840]": ("pace_s: [840, 240]", "demo.yaml", "pace_s"),
    "  - weight: 7": ("  - weight: 0", "demo.yaml", "profiles[0].weight"),
    "  bor_i_boligen: true": ("  bodde_i_boligen: true", "demo.yaml", "everybody.bodde_i_boligen"),
    "  malform: [nb, nb, nn]": ("  malform: [nb, se]", "demo.yaml", "everybody.malform"),
    "  transport: false": ("  transport: nei", "demo.yaml", "everybody.transport"),
    "  kommune_husleie_mnd: [5900, 9800]": (
        "  kommune_husleie_mnd: mye", "demo.yaml", "caseworker.kommune_husleie_mnd",
    ),
    "caseworker:": ("saksbehandler:", "demo.yaml", ""),
    "  snooping:": ("  snoking:", "dpia.yaml", "risks.snoking"),
    "  consultation: >-": ("  hearing: >-", "dpia.yaml", "texts.hearing"),
    "risks:": ("dangers:", "dpia.yaml", ""),
    "  wrong:\n    {likelihood: 3": ("  wrong:\n    {likelihood: 9", "dpia.yaml", "risks.wrong"),
}  # fmt: skip


def test_check_judges_what_lies_beside_a_service(tmp_path: Path) -> None:
    own = Path(packages.__file__).parents[2] / "catalogue" / "bostotte"
    package = load(packages.read_folder(own))
    beside = store.read_beside(own)
    assert faults_beside(package, beside) == ()
    for right, (wrong, file, key) in BESIDE.items():
        text = beside[file].decode()
        assert right in text
        content = text.replace(right, wrong, 1).encode()
        (found,) = faults_beside(package, {**beside, file: content})
        assert (found.file, found.key) == (file, key), found
        assert found.remedy
        line = wrong.split("\n")[0] if key else ""
        assert not line or content.decode().splitlines()[found.line - 1].startswith(line), found
    folder = packages.create(tmp_path, "sykkelparkering")
    (folder / "demo.yaml").write_text("pace_s: [1, 2]\n")
    report = packages.check(folder)
    assert not report.ok
    assert report.package is not None


def test_a_made_package_passes_check_and_is_not_made_twice(tmp_path: Path) -> None:
    folder = packages.create(tmp_path, "sykkelparkering")
    assert packages.check(folder).ok
    with pytest.raises(RefusedError) as caught:
        packages.create(tmp_path, "sykkelparkering")
    assert caught.value.refused.code == "folder_taken"
    with pytest.raises(RefusedError) as caught:
        packages.create(tmp_path, "Sykkel parkering")
    assert caught.value.refused.code == "bad_id"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nb", "Tallet er for stort. Skriv 1\u00a0000 eller mindre."),
        ("en", "The number is too large. Write 1,000 or less."),
    ],
)
def test_a_wrong_answer_is_told_in_the_users_language(language: str, words: str) -> None:
    with translation.override(language):
        said = packages.sentence(CheckItem("maximum", "rent", "error", limit=1000), language)
    assert said in (words, "The number is too large. Write 1\u00a0000 or less.")
    assert (
        packages.sentence(CheckItem("pattern", "phone", "error", "Åtte sifre."), language)
        == "Åtte sifre."
    )
