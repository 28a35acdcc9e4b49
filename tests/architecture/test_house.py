"""What must hold over the whole house: doors, sizes, routes, translations, words."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
from pathlib import Path

import grimp
import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "samspill"
ROOMS = (
    "municipalities", "identity", "registers", "packages", "cases",
    "mandates", "portfolio", "impact", "settlement", "insight",
)  # fmt: skip
MAX_LINES = 600
MAX_FUNCTION = 40
MAX_HANDLER = 25


def tracked(*patterns: str) -> list[Path]:
    out = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in out.stdout.splitlines() if (ROOT / line).exists()]


@functools.cache
def python_files() -> list[Path]:
    return [p for p in tracked("*.py") if "migrations" not in p.parts]


@functools.cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("samspill")


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else None


def test_another_room_is_entered_by_its_door():
    """From another room one imports only `<room>.service` and `<room>.events`.

    Commands that only compute may read a room's pure domain: its service would bring Django and most other rooms.
    """
    broken = []
    for module in graph().modules:
        if ".tests" in module or module.startswith("samspill.site.tests"):
            continue
        for target in graph().find_modules_directly_imported_by(module):
            room = room_of(target)
            if room is None or room == room_of(module):
                continue
            door = target.split(".")[2] if target.count(".") >= 2 else ""
            wiring = module.startswith("samspill.site") and door in {"middleware", "urls", "web"}
            computing = module.startswith("samspill.site.cli") and door == "domain"
            if door not in {"service", "events"} and not wiring and not computing:
                broken.append(f"{module} → {target}")
    assert broken == []


#: A migration that stands in installations is not divided: the same step would have two names.
LONG_FOR_A_REASON = {"src/samspill/portfolio/migrations/0001_initial.py"}


def test_no_file_is_longer_than_a_room_can_hold():
    files = tracked("*.py", "*.html", "*.css", "*.js")
    long = {
        str(p.relative_to(ROOT)): n
        for p in files
        if (n := len(p.read_text().splitlines())) > MAX_LINES
    }
    assert set(long) == LONG_FOR_A_REASON, long


def test_nothing_that_is_built_is_committed():
    """The front end comes from npm, translations from their sources, copies of static files from collecting them."""
    built = ("src/samspill/site/static/vendor", "src/samspill/site/staticfiles", "*.mo")
    kept = subprocess.run(
        ["git", "ls-files", "--", *built], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert kept.stdout == ""


def test_time_is_asked_of_one_clock():
    """What time it is comes from `infra.clock`, which tests can stop; the stand-ins live in their own world.

    What is signed for another's server bears the real time: that server's clock is not stopped with ours.
    """
    asks = re.compile(r"\b(datetime\.now|date\.today|timezone\.now|time\.time|utcnow)\(")
    found = [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path.is_relative_to(SOURCE)
        and not {"tests", "sandbox"} & set(path.parts)
        and asks.search(path.read_text())
    ]
    assert set(found) == {
        "src/samspill/infra/clock.py",
        "src/samspill/registers/adapters/maskinporten.py",
    }


def test_no_function_is_longer_than_a_screen():
    long = []
    for path in python_files():
        if "tests" in path.parts or "bench" in path.parts:
            continue
        long += [
            f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {body_lines(node)}"
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef) and body_lines(node) > limit_of(node, path)
        ]
    assert long == []


def limit_of(node: ast.FunctionDef, path: Path) -> int:
    """A handler (it takes the request) parses and renders, so it is shorter than other functions."""
    first = node.args.args[0].arg if node.args.args else ""
    return MAX_HANDLER if "web" in path.parts and first == "request" else MAX_FUNCTION


def body_lines(node: ast.FunctionDef) -> int:
    """Lines of the body without its docstring."""
    first = node.body[0]
    is_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = first.end_lineno if is_doc else first.lineno - 1
    return (node.end_lineno or 0) - (start or 0)


def test_no_room_names_a_service():
    """Nothing about a named service stands in the rooms (service packages are data)."""
    services = [p.parent.name for p in SOURCE.glob("catalogue/*/service.yaml")]
    assert services
    found = []
    for path in python_files():
        parts = path.relative_to(ROOT).parts
        in_room = parts[:2] == ("src", "samspill") and parts[2] in (
            *ROOMS,
            "infra",
            "kernel",
            "rules",
        )
        if not in_room or "tests" in parts:
            continue
        for name in services:
            code = strip_prose(path.read_text())
            if re.search(rf"\b{name}\b", code):
                found.append(f"{path.relative_to(ROOT)} names {name}")
    assert found == []


def strip_prose(source: str) -> str:
    """The code without docstrings and comments, where services may serve as examples."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        prose = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        if prose and isinstance(first.value.value, str):
            first.value.value = ""
    return ast.unparse(tree)


def test_every_text_has_both_forms_of_norwegian():
    """English is the msgid; a missing bokmål or nynorsk text fails here."""
    missing = []
    for language in ("nb", "nn"):
        for path in SOURCE.glob(f"*/locale/{language}/LC_MESSAGES/django.po"):
            catalogue = polib.pofile(str(path))
            missing += [
                f"{path.relative_to(ROOT)}: {e.msgid!r}" for e in catalogue.untranslated_entries()
            ]
            missing += [
                f"{path.relative_to(ROOT)} (fuzzy): {e.msgid!r}" for e in catalogue.fuzzy_entries()
            ]
    assert missing == []


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_no_room_says_the_text_of_another_in_other_words(language: str):
    """All rooms' texts are one catalogue, in which the first room's words hide those of the others."""
    said: dict[tuple[str | None, str], dict[str, str]] = {}
    for path in sorted(SOURCE.glob(f"*/locale/{language}/LC_MESSAGES/django.po")):
        for entry in polib.pofile(str(path)):
            words = entry.msgstr or " / ".join(entry.msgstr_plural.values())
            said.setdefault((entry.msgctxt, entry.msgid), {})[words] = path.parts[-4]
    assert [by_room for by_room in said.values() if len(by_room) > 1] == []


TRANS = re.compile(r"""{%\s*(?:trans|translate)\s+(["'])(.+?)\1""")
BLOCKTRANS = re.compile(
    r"{%\s*blocktrans(?:late)?\b[^%]*%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.DOTALL
)


def template_texts(path: Path) -> set[str]:
    source = path.read_text()
    found = {match[2] for match in TRANS.finditer(source)}
    for match in BLOCKTRANS.finditer(source):
        for part in re.split(r"{%\s*plural\s*%}", match[1]):
            text = re.sub(r"{{\s*([\w.]+)[^}]*}}", r"%(\1)s", part)
            found.add(" ".join(line.strip() for line in text.strip().splitlines()).strip())
    return found


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_text_of_a_template_is_in_the_catalogue(language: str):
    known: set[str] = set()
    for path in SOURCE.glob(f"*/locale/{language}/LC_MESSAGES/django.po"):
        for entry in polib.pofile(str(path)):
            known |= {squeeze(entry.msgid), squeeze(entry.msgid_plural or entry.msgid)}
    missing = {
        f"{path.relative_to(SOURCE)}: {text}"
        for path in SOURCE.glob("*/templates/**/*.html")
        for text in template_texts(path)
        if squeeze(text) not in known
    }
    assert missing == set()


#: Purposes of questions that are about no citizen.
ABOUT_NOBODY = {"employees' access"}

#: The functions that mark a text for translation, and which of their arguments is the text.
MARKS = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop"), 0),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), 0),
    **dict.fromkeys(("pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"), 1),
}


def python_texts(source: str) -> set[tuple[str | None, str]]:
    """Context and text of each constant that is marked for translation, by whatever name the mark is imported."""
    tree = ast.parse(source)
    names = {
        one.asname or one.name: one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for one in node.names
    }
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        mark = names.get(node.func.id, "") if isinstance(node.func, ast.Name) else called
        if mark not in MARKS:
            continue
        words = [one.value if isinstance(one, ast.Constant) else None for one in node.args[:2]]
        text = words[MARKS[mark]] if len(words) > MARKS[mark] else None
        if isinstance(text, str):
            context = words[0] if MARKS[mark] else None
            found.add((context if isinstance(context, str) else None, text))
    return found


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_text_of_the_code_is_in_the_catalogue(language: str):
    known = {
        (entry.msgctxt, entry.msgid)
        for path in SOURCE.glob(f"*/locale/{language}/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(path))
    }
    missing = {
        f"{path.relative_to(SOURCE)}: {text}"
        for path in python_files()
        if path.is_relative_to(SOURCE) and "tests" not in path.parts
        for context, text in python_texts(path.read_text())
        if (context, text) not in known
    }
    assert missing == set()


def test_a_marked_text_is_found_by_whatever_name_it_is_marked():
    source = """
from django.utils.translation import gettext as _, ngettext_lazy as many, pgettext
_("One " "text"), many("%(n)s day", "%(n)s days", "n"), pgettext("chart", "Mean"), translation.gettext("Far"), _(kept)
"""
    assert python_texts(source) == {
        (None, "One text"), (None, "%(n)s day"), ("chart", "Mean"), (None, "Far"),
    }  # fmt: skip


def purposes(path: Path) -> set[str]:
    """The purposes that a file writes in the access log: `purpose=` and constants called so, in plain English."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        given: list[ast.expr | None] = []
        if (isinstance(node, ast.keyword) and node.arg == "purpose") or (
            isinstance(node, ast.Assign) and "PURPOSE" in ast.unparse(node.targets[0])
        ):
            given = [node.value]
        elif isinstance(node, ast.FunctionDef):
            pairs = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            given = [default for arg, default in pairs if arg.arg == "purpose"]
        found |= {
            one.value
            for one in given
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value
        }
    return {text for text in found if text[0].islower()}


def test_every_purpose_in_the_log_is_said_to_the_citizen():
    """*Who has looked at my data* says why in the reader's language, whatever room wrote the line."""
    from samspill.site.look_words import _BEGINNINGS, PURPOSES

    begun = tuple(start for start, _text in _BEGINNINGS)
    unsaid = {
        f"{path.relative_to(SOURCE)}: {text}"
        for path in python_files()
        if path.is_relative_to(SOURCE) and not {"tests", "sandbox"} & set(path.parts)
        for text in purposes(path)
        if text not in PURPOSES and not text.startswith(begun) and text not in ABOUT_NOBODY
    }
    assert unsaid == set()


def squeeze(text: str) -> str:
    return " ".join(text.replace("%%", "%").split())


def test_every_room_has_its_page():
    headings = [
        "What it promises",
        "Its words",
        "Its door",
        "Its rows",
        "What it refuses",
        "How it fails",
        "Where the law is",
    ]
    for room in (*ROOMS, "rules", "sandbox", "infra"):
        page = (ROOT / "docs" / "rooms" / f"{room}.md").read_text()
        absent = [h for h in headings if f"## {h}" not in page]
        assert absent == [], f"docs/rooms/{room}.md lacks {absent}"


def test_every_dependency_has_its_reason():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    reasons = (ROOT / "docs/decisions/dependencies.md").read_text()
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[\[<>=]", line)[0] for line in wanted}
    assert {name for name in names if f"`{name}`" not in reasons} == set()


def test_nothing_names_a_machine_or_an_index():
    pattern = re.compile(
        r'(^|[^a-z.])/(w[o]rk|r[o]ot|opt/pyp[i])/|"resolved": *"http|(extra-)?index-url *[=:]'
    )
    found = [
        str(path.relative_to(ROOT))
        for path in tracked("*")
        if path.is_file() and path.suffix not in {".png", ".woff2", ".pdf", ".svg"}
        and path.name not in {"test_house.py", "lock"}
        and pattern.search(path.read_text(errors="ignore"))
    ]  # fmt: skip
    assert found == []


def test_the_glossary_has_the_words_of_the_doors():
    """Each event is a domain word or made of them; its nouns stand in GLOSSARY.md."""
    from samspill.cases import events as case_events
    from samspill.infra.events import Event

    glossary = (ROOT / "GLOSSARY.md").read_text().lower()
    past = {"started", "saved", "shown", "told", "submitted", "opened", "completed", "requested", "received",
            "forwarded", "ready", "made", "queued", "sent", "ordered", "stopped", "registered", "moved", "corrected", "added", "expiring", "expired", "handled", "recalculated", "reminded"}  # fmt: skip
    unknown = set()
    for name in dir(case_events):
        thing = getattr(case_events, name)
        if (
            isinstance(thing, type)
            and issubclass(thing, Event)
            and thing.__module__ == case_events.__name__
        ):
            nouns = [w.lower() for w in re.findall(r"[A-Z][a-z]+", name)]
            unknown |= {w for w in nouns if w not in past and w not in glossary}
    assert unknown == set()
