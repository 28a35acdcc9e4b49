"""Django's `i18n` tags, with `{% translate "words" %}` looked up once for each language and kept.

Every page has some forty of them in its frame alone, and Django makes each anew: a lazy text, a look-up through the
catalogues, an escape. Named `i18n` in the settings, so that templates load it as they load Django's.
"""

from __future__ import annotations

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.translation import get_language

register = template.Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class _Kept(Node):
    """A text that depends on the language alone."""

    def __init__(self, node: i18n.TranslateNode) -> None:
        self._node = node
        self._texts: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """Give the text in the language of the page."""
        language = get_language()
        found = self._texts.get(language)
        if found is None:
            found = self._texts[language] = self._node.render(context)
        return found


@register.tag("trans")
@register.tag("translate")
def translate(parser: Parser, token: Token) -> Node:
    """Translate a text; when it is written out in the template, once for each language."""
    node = i18n.do_translate(parser, token)
    return _Kept(node) if _is_written_out(node) else node


def _is_written_out(node: i18n.TranslateNode) -> bool:
    """Tell whether the text is a literal that nothing in the context changes."""
    given = node.filter_expression
    plain = not (node.noop or node.asvar or node.message_context or given.filters)
    return plain and getattr(given.var, "literal", None) is not None
