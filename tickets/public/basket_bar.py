"""`{% load basket %}`: what the top bar of the public pages says of the visitor's basket."""

from django.template import Context, Library

from tickets.public.carried import carries

register = Library()


@register.simple_tag(takes_context=True)
def in_basket(context: Context) -> int:
    """How many things the visitor carries in their basket at the page's account; 0 on a page that is of no account."""
    page, request = context.get("page"), context.get("request")
    return carries(request, page.account) if page and request else 0
