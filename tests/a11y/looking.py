"""What is wrong with the page that is open, in words: the same demands on every page of every role.

`faults` is the whole look; what differs between languages is looked at by `faults_of_words`. Everything is
measured in the browser: axe (WCAG 2.0 to 2.2 A and AA with target size, and best practice), title, one `h1`,
skip link, language, content policy, keyboard, and 400 % zoom, which is a window of 320 × 256 CSS pixels.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "src" / "samspill"
WIDE = {"width": 1280, "height": 900}
ZOOMED = {"width": 320, "height": 256}
WATCH = """window.__broken = [];
document.addEventListener("securitypolicyviolation", (e) => window.__broken.push(e.violatedDirective + " " + e.blockedURI));"""
versions: set[str] = set()
"""The versions of axe that have judged in this run."""
_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
_AXE = Axe().axe_script
_JUDGE = """async (rules) => {
  const {violations, testEngine} = await axe.run(document, rules);
  return {violations, version: testEngine.version};
}"""
_STILL = """async () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  await document.fonts.ready;
  const moves = document.getAnimations().filter((a) => a.effect?.getComputedTiming().endTime < 2000);
  const over = Promise.all(moves.map((a) => a.finished.catch(() => null)));
  await Promise.race([over, new Promise((done) => setTimeout(done, 2000))]);
}"""
#: What the page is made of, without its words: two pages of one shape are judged the same by axe.
_SHAPE = """() => {
  const seen = [];
  for (const element of document.body.querySelectorAll("*")) {
    const kept = ["class", "role", "type", "aria-current", "aria-hidden", "data-color", "data-variant", "tabindex"]
      .map((name) => element.getAttribute(name)).join("|");
    const mark = element.tagName + "|" + kept + "|" + (element.parentElement?.tagName ?? "");
    if (seen[seen.length - 1] !== mark) seen.push(mark);
  }
  return seen.join("\\n");
}"""
_BASICS = """() => {
  const found = [];
  const title = document.title;
  if (!title.endsWith(" – Samspill") || title.length < 14) found.push(`title “${title}”`);
  const headings = document.querySelectorAll("h1");
  if (headings.length !== 1) found.push(`${headings.length} h1`);
  else if (!headings[0].innerText.trim()) found.push("an empty h1");
  if (document.body.querySelector("a")?.getAttribute("href") !== "#innhold") found.push("no skip link first");
  if (!document.querySelector("main#innhold")) found.push("no main to skip to");
  for (const form of document.forms) {
    const button = [...form.elements].some((e) => e.tagName === "BUTTON" && e.type === "submit");
    if (!button) found.push(`a form without a button to send it: ${form.action}`);
  }
  for (const link of document.querySelectorAll("a:not([href]), a[href='#'], a[href^='javascript:']")) {
    found.push(`a link that leads nowhere: ${link.textContent}`);
  }
  for (const element of document.querySelectorAll("[tabindex]")) {
    if (element.tabIndex > 0) found.push(`tabindex ${element.tabIndex}`);
  }
  return [...found, ...window.__broken.map((broken) => `policy ${broken}`)];
}"""
_TOO_WIDE = """() => {
  const wide = document.documentElement.scrollWidth, room = window.innerWidth;
  if (wide <= room) return [];
  const out = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > room
    && !e.closest(".s-scroll, .ds-sr-only, .s-skip"));
  const named = out.slice(0, 3).map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
  return [`${wide} pixels wide on a screen of ${room}: ${named.join(", ")}`];
}"""
#: Notes what each Tab comes to: its place in the document, and whether one can see that it has the focus.
_FOLLOW = """() => {
  const shown = (element) => {
    const style = getComputedStyle(element);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
  };  // a whole card or choice may show it for its link or button
  const look = () => {
    const it = document.activeElement;
    if (!it || it === document.body) return null;
    const order = [...document.querySelectorAll("*")].indexOf(it);
    const label = it.closest("label"), around = it.closest(".s-card, .s-choice");
    const box = it.getBoundingClientRect();
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const above = document.elementFromPoint(x, y);
    const covered = above && above !== it && !it.contains(above) && !above.contains(it) && !label?.contains(above)
      && getComputedStyle(above).position === "fixed";
    return {order, name: `${it.tagName.toLowerCase()} “${(it.innerText || it.name || it.id || "").slice(0, 40)}”`,
      visible: [it, label, around].some((place) => place && shown(place)), covered: Boolean(covered),
      away: box.bottom < 0 || box.top > innerHeight, skips: it.classList.contains("s-skip")};
  };
  document.activeElement?.blur();
  window.scrollTo(0, 0);
  window.__stops = [];
  addEventListener("keyup", (event) => { if (event.key === "Tab") window.__stops.push(look()); }, true);
}"""
_STOPS = "() => window.__stops.splice(0)"
_WORDS = """() => {
  const page = document.documentElement.lang, copy = document.body.cloneNode(true);
  for (const other of copy.querySelectorAll("[lang], script, style, textarea, option")) {
    if (other.getAttribute("lang") !== page) other.remove();
  }
  return copy.textContent.replace(/\\s+/g, " ");
}"""
#: The words of `main` on the page that is open, and on the same answer read where no script runs, when they differ.
_CHANGED = """(served) => {
  const read = (page) => {
    const copy = page.querySelector("main").cloneNode(true);
    for (const other of copy.querySelectorAll("noscript, script, style")) other.remove();
    return copy.textContent.replace(/\\s+/g, " ").trim();
  };
  const both = [read(document), read(new DOMParser().parseFromString(served, "text/html"))];
  return both[0] === both[1] ? null : both;
}"""
_LONGEST_ROUND = 80
_TABS_TOGETHER = 8
_SHAPES_OF_A_ROUTE = 2


def faults(
    page: Page, *, route: str, judged: dict[str, set[str]], by_keyboard: bool = True
) -> list[str]:
    """Look at the page that is open in every way but its width; `judged` keeps the shapes of each route that axe has seen.

    axe judges at most two shapes of a route (a page of many figures has a shape for each day), the keyboard the first.

    Returns:
        One line a fault, each beginning with the page's address.
    """
    found: list[str] = list(page.evaluate(_BASICS))
    page.evaluate(_STILL)
    shape = page.evaluate(_SHAPE)
    mine = judged.setdefault(route, set())
    if len(mine) < _SHAPES_OF_A_ROUTE and not any(shape in seen for seen in judged.values()):
        found += [_said(violation) for violation in violations(page)]
        if by_keyboard and not mine:
            found += keyboard(page)
    mine.add(shape)
    return [f"{page.url}: {fault}" for fault in found]


def too_wide(page: Page) -> list[str]:
    """Tell what is wider than the window, which is as it is at 400 % zoom."""
    return [f"{page.url}: {fault}" for fault in page.evaluate(_TOO_WIDE)]


@contextlib.contextmanager
def zoomed(page: Page) -> Iterator[None]:
    """Make the window as small as a page is at 400 % zoom, and wide again afterwards."""
    page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]
    yield
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def changed_by_script(page: Page, served: str) -> list[str]:
    """Tell what a page says only with script, or only without: the page that is open against the answer it was made of.

    A parser of the browser's that runs no script reads what was served; nothing between two requests can differ.
    """
    both = page.evaluate(_CHANGED, served)
    if both is None:
        return []
    scripted, without = (text.split() for text in both)
    pieces = difflib.SequenceMatcher(None, scripted, without, autojunk=False).get_opcodes()
    return [
        f"{page.url}: {scripted[a:b]} and without script {without[c:d]}"
        for kind, a, b, c, d in pieces
        if kind != "equal"
    ]


def violations(page: Page) -> list[dict[str, Any]]:
    """Give what axe has to say about the page; what it found in order stays in the browser."""
    page.evaluate(_AXE)
    answer = page.evaluate(_JUDGE, _RULES)
    versions.add(str(answer["version"]))
    found: list[dict[str, Any]] = answer["violations"]
    return found


def _said(violation: dict[str, Any]) -> str:
    """Say a violation with what stops it, so that one that is seen once can be understood."""
    places = [
        (node["target"], (node["any"] or node["all"] or node["none"] or [{}])[0].get("message"))
        for node in violation["nodes"]
    ]
    return f"axe {violation['id']}: {places[:3]}"


def keyboard(page: Page) -> list[str]:
    """Go through the page with Tab: the skip link first, in the order of the page, focus always seen."""
    found: list[str] = []
    last, stops = -1, 0
    for stops, focused in enumerate(_stops(page)):
        if focused is None or focused["order"] == last:
            break
        if focused["order"] < last:
            if stops < 3 or focused["skips"]:
                break
            found.append(f"focus goes backwards to {focused['name']}")
        if not focused["visible"]:
            found.append(f"one cannot see that {focused['name']} has the focus")
        if focused["covered"] or focused["away"]:
            found.append(f"{focused['name']} has the focus and is hidden")
        last = focused["order"]
    if stops < 3:
        found.append(f"only {stops} places to come to with the keyboard")
    return found[:5]


def _stops(page: Page) -> Iterator[dict[str, Any] | None]:
    """Press Tab again and again and give what came to have the focus each time; nothing at all is None."""
    page.evaluate(_FOLLOW)
    for _ in range(_LONGEST_ROUND // _TABS_TOGETHER):
        for _ in range(_TABS_TOGETHER):
            page.keyboard.press("Tab")
        yield from page.evaluate(_STOPS)


# ── words ─────────────────────────────────────────────────────────────────────────────────


def faults_of_words(page: Page, language: str) -> list[str]:
    """Look for words of another language than the page's, and for a page that does not say its language."""
    found = []
    if (said := page.locator("html").get_attribute("lang")) != language:
        found.append(f"says that it is in {said}, not {language}")
    text = page.evaluate(_WORDS)
    begun, known = set(itertools.pairwise(re.findall(r"\w+", text))), foreign(language)
    candidates = [words for start in begun & known.keys() for words in known[start]]
    found += [f"not in {language}: “{words}”" for words in candidates if words in text]
    return [f"{page.url}: {fault}" for fault in found]


@functools.cache
def foreign(language: str) -> dict[tuple[str, str], list[str]]:
    """Give what can be said in one of the other languages only, by its first two words.

    Sentences of rooms and of services: some ten thousand, of which a page can hold those whose beginning it has.
    """
    own = " ".join(" ".join(text.split()) for text in _texts(language))
    others = {
        part
        for other in {"nb", "nn", "en"} - {language}
        for text in _texts(other)
        for part in _parts(text)
    }
    found: dict[tuple[str, str], list[str]] = {}
    for part in sorted(part for part in others if part not in own):
        first, second, *_rest = re.findall(r"\w+", part)
        found.setdefault((first, second), []).append(part)
    return found


@functools.cache
def _texts(language: str) -> tuple[str, ...]:
    """Give every text of ours in a language."""
    found: list[str] = []
    for path in SOURCE.glob(
        f"*/locale/{'nb' if language == 'en' else language}/LC_MESSAGES/django.po"
    ):
        for entry in polib.pofile(str(path)):
            plural = entry.msgstr_plural.values()
            ours = (
                (entry.msgid, entry.msgid_plural) if language == "en" else (entry.msgstr, *plural)
            )
            found += [text for text in ours if text]
    for path in SOURCE.glob(f"catalogue/*/texts/{language}.yaml"):
        found += _leaves(yaml.safe_load(path.read_text()))
    return tuple(found)


def _leaves(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [leaf for branch in tree.values() for leaf in _leaves(branch)]
    return [tree] if isinstance(tree, str) else []


def _parts(text: str) -> list[str]:
    """Give the pieces of a text between its values that are long enough to be of one language only."""
    pieces = re.split(r"%\(\w+\)[sd]|\{\w*\}|%[sd]", " ".join(text.split()))
    return [
        piece.strip()
        for piece in pieces
        if len(piece.strip()) > 16 and len(re.findall(r"\w+", piece)) > 1
    ]
