"""`{% load i18n %}`: Django's, with words that are the same each time looked up once in a language.

The catalogue of a language falls back on others, so that one look-up is several; a table of fifty rows has hundreds.
"""

from typing import Any

from django.template import Context, Library
from django.template.base import Parser, Token
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class Words(i18n.TranslateNode):  # type: ignore[misc]
    """Words that stand in the template."""

    def render(self, context: Context) -> str:
        """Say them in the language of the page."""
        if not context.autoescape:
            return str(super().render(context))
        language = get_language()
        known: dict[str | None, str] = self.__dict__.setdefault("known", {})
        if (said := known.get(language)) is None:
            said = known[language] = super().render(context)
        return said


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Any:  # noqa: ANN401 - the node
    """Django's tag; what it says of words alone is kept."""
    node = i18n.do_translate(parser, token)
    expression = node.filter_expression
    if node.asvar is None and node.message_context is None and isinstance(expression.var.literal, str):
        if not expression.filters:
            node.__class__ = Words
    return node
