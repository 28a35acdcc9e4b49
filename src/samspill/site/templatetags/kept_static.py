"""Django's `static` tag, with the address of a file that is written out in the template made once and kept.

The manifest is read when the process starts and does not change while it runs. Named `static` in the settings.
"""

from __future__ import annotations

from django import template
from django.template.base import Node, Parser, Token
from django.template.context import Context
from django.templatetags import static

register = template.Library()
register.tags.update(static.register.tags)


class _Kept(Node):
    """An address that depends on nothing."""

    def __init__(self, node: static.StaticNode) -> None:
        self._node = node
        self._address = ""

    def render(self, context: Context) -> str:
        """Give the address, escaped for HTML."""
        if not context.autoescape:
            return self._node.render(context)
        if not self._address:
            self._address = self._node.render(context)
        return self._address


@register.tag("static")
def address(parser: Parser, token: Token) -> Node:
    """Give the address of a static file; when its name is written out in the template, once."""
    node = static.StaticNode.handle_token(parser, token)
    written_out = isinstance(node.path.var, str) and not node.path.filters
    return _Kept(node) if written_out and not node.varname else node
