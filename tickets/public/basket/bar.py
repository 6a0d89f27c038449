"""`{% load basket %}`: what the top bar of the public pages says of the visitor's basket."""

from django.template import Context, Library

from tickets.checkout.basket import Basket
from tickets.public.basket.cookie import count_basket_items

register = Library()


@register.simple_tag(takes_context=True)
def basket_count(context: Context) -> int:
    """How many things the visitor carries in their basket at the page's account; 0 on a page that is of no account.

    A page that knows tells it as `basket_items`.
    """
    if "basket_items" in context:
        return int(context["basket_items"])
    shown, page, request = (context.get(name) for name in ("basket", "page", "request"))
    if isinstance(shown, Basket):
        return len(shown.seats) + (shown.price is not None)
    return count_basket_items(request, page.account) if page and request else 0
