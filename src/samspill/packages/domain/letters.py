"""A letter of a package as a document: made from template and data, shown as accessible HTML and as Typst for PDF.

The document is a small tree of blocks; both writers escape every text, and no writer knows where a text
came from.
"""

from __future__ import annotations

import datetime as dt
import functools
import html
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from samspill.packages.domain import letter_template as template
from samspill.packages.domain import model
from samspill.packages.domain.compiling import compile_package
from samspill.packages.domain.worlds import situation_on, world_of

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

# ---------------------------------------------------------------------- the document


@frozen
class Text:
    """Words without markup."""

    text: str


@frozen
class Strong:
    """Words that matter most."""

    spans: tuple[Span, ...]


@frozen
class Emphasis:
    """Words with stress."""

    spans: tuple[Span, ...]


@frozen
class Link:
    """Words that lead somewhere; only web, mail and telephone addresses."""

    address: str
    spans: tuple[Span, ...]


@frozen
class LineBreak:
    """A new line in the same paragraph."""


Span = Text | Strong | Emphasis | Link | LineBreak


@frozen
class Heading:
    """A heading of level 1 to 4."""

    level: int
    spans: tuple[Span, ...]


@frozen
class Paragraph:
    """A paragraph."""

    spans: tuple[Span, ...]


@frozen
class ListBlock:
    """A list of items, each of blocks."""

    ordered: bool
    items: tuple[tuple[Block, ...], ...]


@frozen
class Table:
    """A table with a heading row; `right` tells which columns hold numbers."""

    head: tuple[tuple[Span, ...], ...]
    rows: tuple[tuple[tuple[Span, ...], ...], ...]
    right: tuple[bool, ...]


@frozen
class Rule:
    """A line across."""


Block = Heading | Paragraph | ListBlock | Table | Rule


@frozen
class LetterDoc:
    """A letter ready to be written out."""

    language: str
    title: str
    blocks: tuple[Block, ...] = field(repr=False)

    @property
    def html(self) -> str:
        """Give it as accessible HTML (a fragment: headings, paragraphs, lists, tables)."""
        return to_html(self)

    def with_note(self, text: str) -> LetterDoc:
        """Give the letter with a sentence of the platform's own under its first heading."""
        at = next((n + 1 for n, one in enumerate(self.blocks) if isinstance(one, Heading)), 0)
        note = Paragraph((Text(text),))
        return LetterDoc(self.language, self.title, (*self.blocks[:at], note, *self.blocks[at:]))

    def with_end(self, text: str) -> LetterDoc:
        """Give the letter with a paragraph of the platform's own after a line at its end."""
        return LetterDoc(
            self.language, self.title, (*self.blocks, Rule(), Paragraph((Text(text),)))
        )

    @property
    def typst(self) -> str:
        """Give it as Typst source."""
        return to_typst(self)


class LetterError(Exception):
    """The letter cannot be made from the data; says which line and what is missing."""


def render_letter(
    package: model.Package, letter_id: str, data: Mapping[str, Any], language: str
) -> LetterDoc:
    """Return a letter filled with data, in the language, or in bokmål when the letter is not in that language.

    `data` has `answers`, `facts` and `on` for the package's conditions, and whatever else the template
    speaks of.

    Raises:
        LetterError: there is no such letter, or data that it needs is missing.
    """
    letter = package.letters.get(letter_id)
    if letter is None:
        message = f"The service {package.id} has no letter {letter_id!r}. Use one of: {', '.join(package.letters)}."
        raise LetterError(message)
    spoken = language if language in letter.bodies else "nb"
    if spoken not in letter.bodies:
        message = f"The letter {letter_id!r} is written neither in {language} nor in nb. Add letters/{letter_id}.nb.md."
        raise LetterError(message)
    filling = template.Filling(data, _conditions(package, data), spoken)
    try:
        text = filling.fill(parsed(letter.bodies[spoken]))
    except template.TemplateError as error:
        message = f"letters/{letter_id}.{spoken}.md: {error}"
        raise LetterError(message) from error
    return document(text, spoken, fallback_title=package.text("service.title", spoken))


@functools.lru_cache(maxsize=512)
def parsed(source: str) -> tuple[template.Part, ...]:
    """Return the tree of a template, remembered."""
    return template.parse(source)


def _conditions(package: model.Package, data: Mapping[str, Any]) -> Any:
    compiled = compile_package(package)
    day = str(data.get("on") or "")[:10]
    on = situation_on(package, dt.date.fromisoformat(day)) if day else package.service.valid_from
    world = world_of(
        compiled,
        data.get("answers") or {},
        data.get("facts") or {},
        on=on,
        settings=data.get("settings"),
        documents=data.get("documents") or (),
    )

    def answer(name: str) -> bool | None:
        expression = compiled.at("conditions.yaml", "conditions", name)
        return expression.ask(world) if expression is not None else None

    return answer


# ---------------------------------------------------------------------- Markdown to document


@functools.cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt  # a megabyte that only who writes letters needs

    return MarkdownIt("commonmark", {"html": False}).enable("table")


_SAFE: Final = ("https://", "http://", "mailto:", "tel:")
_DEEPEST: Final = 4


def document(markdown: str, language: str, *, fallback_title: str = "") -> LetterDoc:
    """Return the document of a Markdown text."""
    from markdown_it.tree import SyntaxTreeNode

    tree = SyntaxTreeNode(_markdown().parse(markdown))
    blocks = tuple(_blocks(tree.children))
    first = next((block for block in blocks if isinstance(block, Heading)), None)
    return LetterDoc(language, plain_text(first.spans) if first else fallback_title, blocks)


def plain_text(spans: Sequence[Span]) -> str:
    """Give the words of spans without markup."""
    words = []
    for span in spans:
        if isinstance(span, Text):
            words.append(span.text)
        elif isinstance(span, LineBreak):
            words.append(" ")
        else:
            words.append(plain_text(span.spans))
    return "".join(words)


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Block]:
    for node in nodes:
        if node.type == "heading":
            yield Heading(min(int(node.tag[1:]), _DEEPEST), _inline(node))
        elif node.type == "paragraph":
            yield Paragraph(_inline(node))
        elif node.type in ("bullet_list", "ordered_list"):
            items = tuple(tuple(_blocks(item.children)) for item in node.children)
            yield ListBlock(node.type == "ordered_list", items)
        elif node.type == "table":
            yield _table(node)
        elif node.type == "hr":
            yield Rule()
        elif node.type in ("code_block", "fence"):
            yield Paragraph((Text(node.content.strip()),))
        else:
            yield from _blocks(node.children)


def _table(node: SyntaxTreeNode) -> Table:
    rows = [row for part in node.children for row in part.children]
    cells = [tuple(_inline(cell) for cell in row.children) for row in rows]
    right = tuple("right" in str(cell.attrs.get("style", "")) for cell in rows[0].children)
    return Table(cells[0], tuple(cells[1:]), right)


def _inline(node: SyntaxTreeNode) -> tuple[Span, ...]:
    return tuple(span for inline in node.children for span in _spans(inline.children))


def _spans(nodes: Sequence[SyntaxTreeNode]) -> Iterator[Span]:  # noqa: C901 - one case a kind
    for node in nodes:
        if node.type in ("text", "code_inline"):
            if node.content:
                yield Text(node.content)
        elif node.type == "softbreak":
            yield Text(" ")
        elif node.type == "hardbreak":
            yield LineBreak()
        elif node.type == "strong":
            yield Strong(tuple(_spans(node.children)))
        elif node.type == "em":
            yield Emphasis(tuple(_spans(node.children)))
        elif node.type == "link" and str(node.attrs.get("href", "")).startswith(_SAFE):
            yield Link(str(node.attrs["href"]), tuple(_spans(node.children)))
        else:
            yield from _spans(node.children)


# ---------------------------------------------------------------------- HTML


def to_html(letter: LetterDoc) -> str:
    """Write a letter as an HTML fragment in an `article` with its language."""
    body = "\n".join(_html_block(block) for block in letter.blocks)
    return f'<article class="s-letter" lang="{html.escape(letter.language)}">\n{body}\n</article>\n'


def _html_block(block: Block) -> str:
    match block:
        case Heading(level=level, spans=spans):
            return f'<h{level} class="ds-heading">{_html_spans(spans)}</h{level}>'
        case Paragraph(spans=spans):
            return f'<p class="ds-paragraph">{_html_spans(spans)}</p>'
        case ListBlock(ordered=ordered, items=items):
            tag = "ol" if ordered else "ul"
            return f'<{tag} class="ds-list">{"".join(f"<li>{_html_item(item)}</li>" for item in items)}</{tag}>'
        case Table():
            return _html_table(block)
        case Rule():
            return '<hr class="ds-divider">'


def _html_item(item: Sequence[Block]) -> str:
    if len(item) == 1 and isinstance(item[0], Paragraph):
        return _html_spans(item[0].spans)
    return "".join(_html_block(block) for block in item)


def _html_table(table: Table) -> str:
    def row(cells: Sequence[tuple[Span, ...]], tag: str) -> str:
        found = []
        for at, cell in enumerate(cells):
            scope = ' scope="col"' if tag == "th" else ""
            number = ' class="s-number"' if at < len(table.right) and table.right[at] else ""
            found.append(f"<{tag}{scope}{number}>{_html_spans(cell)}</{tag}>")
        return f"<tr>{''.join(found)}</tr>"

    body = "".join(row(cells, "td") for cells in table.rows)
    head = row(table.head, "th")
    return f'<table class="ds-table"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _html_spans(spans: Sequence[Span]) -> str:
    return "".join(_html_span(span) for span in spans)


def _html_span(span: Span) -> str:
    match span:
        case Text(text=text):
            return html.escape(text, quote=False)
        case Strong(spans=inner):
            return f"<strong>{_html_spans(inner)}</strong>"
        case Emphasis(spans=inner):
            return f"<em>{_html_spans(inner)}</em>"
        case Link(address=address, spans=inner):
            return f'<a class="ds-link" href="{html.escape(address)}">{_html_spans(inner)}</a>'
        case LineBreak():
            return "<br>"


# ---------------------------------------------------------------------- Typst


def to_typst(letter: LetterDoc) -> str:
    """Write a letter as Typst. Every text is a string literal, so nothing in it can be markup or code."""
    return "\n\n".join(f"#{_typst_block(block)}" for block in letter.blocks) + "\n"


def _typst_block(block: Block) -> str:
    match block:
        case Heading(level=level, spans=spans):
            return f"heading(level: {level}, {_typst_spans(spans)})"
        case Paragraph(spans=spans):
            return f"par({_typst_spans(spans)})"
        case ListBlock(ordered=ordered, items=items):
            written = ", ".join(_typst_item(item) for item in items)
            return f"{'enum' if ordered else 'list'}({written})"
        case Table():
            return _typst_table(block)
        case Rule():
            return "line(length: 100%, stroke: 0.4pt)"


def _typst_item(item: Sequence[Block]) -> str:
    if len(item) == 1 and isinstance(item[0], Paragraph):
        return _typst_spans(item[0].spans)
    return "[" + " ".join(f"#{_typst_block(block)}" for block in item) + "]"


def _typst_table(table: Table) -> str:
    align = ", ".join("right" if right else "left" for right in table.right)
    columns = ", ".join("auto" if right else "1fr" for right in table.right)
    head = ", ".join(_typst_spans(cell) for cell in table.head)
    cells = "".join(f", {_typst_spans(cell)}" for row in table.rows for cell in row)
    return f"table(columns: ({columns},), align: ({align},), table.header({head}){cells})"


def _typst_spans(spans: Sequence[Span]) -> str:
    return "[" + "".join(f"#{_typst_span(span)}" for span in spans) + "]"


def _typst_span(span: Span) -> str:
    match span:
        case Text(text=text):
            return typst_string(text)
        case Strong(spans=inner):
            return f"strong({_typst_spans(inner)})"
        case Emphasis(spans=inner):
            return f"emph({_typst_spans(inner)})"
        case Link(address=address, spans=inner):
            return f"link({typst_string(address)}, {_typst_spans(inner)})"
        case LineBreak():
            return "linebreak()"


def typst_string(text: str) -> str:
    r"""Write a text as a Typst string literal.

    >>> typst_string('say "hi" \\ #let')
    '"say \\"hi\\" \\\\ #let"'
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
