"""Letters: a small template syntax, a document, accessible HTML and Typst; no answer can become markup."""

from __future__ import annotations

import html as html_module
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samspill.infra import pdf
from samspill.packages.domain import letter_template as template
from samspill.packages.domain.letters import LetterError, document, plain_text, render_letter
from samspill.packages.tests.builders import a_folder, checked

NASTY = ["*bold*", "# heading", "<script>alert(1)</script>", "a | b", "[x](javascript:x)", "1. one", "- item", "`code`",
         "&amp;", "\\*", "{{ x }}", "{% if a %}", '#eval("1+1")', "$x$", "@ref", "line\nbreak", "    indented", "---", "~~~"]  # fmt: skip


def fill(source: str, data: dict[str, Any], language: str = "nb", **conditions: bool) -> str:
    return template.Filling(data, conditions.get, language).fill(template.parse(source))


def words(text: str) -> str:
    return " ".join(
        plain_text(
            span for block in document(text, "nb").blocks for span in getattr(block, "spans", ())
        ).split()
    )


@pytest.mark.parametrize("value", NASTY)
def test_a_value_stays_words_in_paragraphs_headings_lists_and_tables(value: str) -> None:
    source = "# {{ v }}\n\n{{ v }}\n\n- {{ v }}\n\n| A | B |\n|---|---|\n| {{ v }} | x |\n"
    doc = document(fill(source, {"v": value}), "nb")
    said = " ".join(value.split())
    assert [type(block).__name__ for block in doc.blocks] == [
        "Heading",
        "Paragraph",
        "ListBlock",
        "Table",
    ]
    assert doc.title == said
    shown = html_module.unescape(re.sub(r"<[^>]+>", "\n", doc.html))
    assert shown.count(said) == 4
    assert "<script" not in doc.html
    assert "javascript:" not in re.sub(r">[^<]*<", "><", doc.html)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40))
def test_any_text_comes_out_as_it_went_in(value: str) -> None:
    said = " ".join(value.split(" ")).strip(" ")
    doc = document(fill("Før {{ v }} etter", {"v": value}), "nb")
    assert plain_text(doc.blocks[0].spans).replace("\u2028", " ").replace(
        "\u2029", " "
    ).split() == ["Før", *said.split(), "etter"]


def test_nasty_values_make_a_pdf_with_the_same_words() -> None:
    source = "# Brev\n\n" + "\n\n".join(f"{{{{ v{at} }}}}" for at in range(len(NASTY)))
    doc = document(fill(source, {f"v{at}": value for at, value in enumerate(NASTY)}), "nb")
    content = pdf.render(doc.typst, title=doc.title, language="nb")
    assert content.startswith(b"%PDF")


def test_if_else_not_and_for_follow_the_data() -> None:
    source = (
        "{% if granted %}\nJa\n{% else %}\nNei\n{% endif %}\n\n{% for m in rows %}\n- {{ m.name }}"
        "{% if not m.old %} (ung){% endif %}\n{% endfor %}\n\n{% if rows %}Noen{% endif %}{% if none %}Ingen{% endif %}\n"
    )
    data = {"rows": [{"name": "A", "old": True}, {"name": "B", "old": False}], "none": []}
    assert words(fill(source, data, granted=True)) == "Ja Noen".replace(" ", "")
    items = document(fill(source, data), "nb").blocks[1].items
    assert [plain_text(item[0].spans) for item in items] == ["A", "B (ung)"]


def test_a_table_grows_by_rows() -> None:
    source = "| Navn | Beløp |\n|---|---:|\n{% for r in rows %}\n| {{ r.name }} | {{ r.amount | kr }} |\n{% endfor %}\n"
    table = document(
        fill(source, {"rows": [{"name": "A", "amount": 1}, {"name": "B|", "amount": 2.5}]}), "nb"
    ).blocks[0]
    assert [[plain_text(cell) for cell in row] for row in table.rows] == [
        ["A", "1\u00a0kr"],
        ["B|", "2,50\u00a0kr"],
    ]
    assert table.right == (False, True)


@pytest.mark.parametrize(
    ("source", "words_", "line"),
    [
        ("a\n{{ missing }}", "missing is missing", 2),
        ("{{ n | date }}", "cannot be written as date", 1),
        ("\n{% for x in n %}{% endfor %}", "is not a list", 2),
    ],
)
def test_data_that_is_missing_or_wrong_is_told_with_its_line(
    source: str, words_: str, line: int
) -> None:
    with pytest.raises(template.TemplateError) as caught:
        fill(source, {"n": 5})
    assert words_ in caught.value.message
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("{% if a %}\n\n", 1),
        ("x\n{% while a %}", 2),
        ("{{ a | bold }}", 1),
        ("{{ a + 1 }}", 1),
        ("{% for a %}{% endfor %}", 1),
        ("a\n\n{% endif %}", 3),
    ],
)
def test_a_tag_that_is_not_understood_is_refused(source: str, line: int) -> None:
    with pytest.raises(template.TemplateError) as caught:
        template.parse(source)
    assert caught.value.line == line


def test_a_letter_of_a_package_in_each_language() -> None:
    package = checked(a_folder())
    data = {
        "answers": {"reason": "Fordi *det* trengs"},
        "case": {"municipality": "Åmli"},
        "decision": {"code_text": "Innvilget", "appeal_by": "2026-12-24"},
        "on": "2026-11-22",
    }
    norwegian, english = (
        render_letter(package, "decision", data, language) for language in ("nb", "en")
    )
    assert norwegian.title == english.title == "Innvilget"
    assert "24. desember 2026" in norwegian.html
    assert "24 December 2026" in english.html
    assert "Fordi *det* trengs" in norwegian.html
    assert 'lang="nb"' in norwegian.html
    with pytest.raises(LetterError, match="has no letter 'x'"):
        render_letter(package, "x", data, "nb")
    with pytest.raises(
        LetterError, match=r"letters/decision\.nb\.md: Line 5: answers\.reason is missing"
    ):
        render_letter(package, "decision", {**data, "answers": {}}, "nb")
