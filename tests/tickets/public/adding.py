"""What a review step says beside its buttons, and the basket that a browser carries."""

import re
from typing import TYPE_CHECKING

from django.test import Client

from tests.browsing import page_text, text_of
from tests.sentences import BASKET_AT_CHECKOUT, CHECK_DETAILS
from tests.worlds.river import RiverStudio
from tickets.models import Ticket, TicketCost

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

ADD = {"add": "1"}
CHANGED = CHECK_DETAILS
CLOSED = f"{BASKET_AT_CHECKOUT} this."


def set_price(ticket: Ticket, amount: int) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(cost=TicketCost.COST, price=amount)


def basket_in_cookie(client: Client, studio: RiverStudio) -> str:
    """The basket (uuid) that a browser carries."""
    return client.cookies[f"basket-{studio.account.pk}"].value


def alert_text(response: "Answer") -> str:
    """What the box above an order says."""
    said = page_text(response).partition("Something needs your attention ")[2]
    return said.partition(" Check your booking ")[0].partition(" Nothing has been booked ")[0]


def button_texts(response: "Answer") -> str:
    """The ways on from a review step, and what is said beside them but for how it can be cancelled."""
    said = text_of(re.sub(r'<p class="[a-z ]+" id="terms">.*?</p>', "", response.content.decode(), flags=re.DOTALL))
    return said[max(said.rfind("(optional) "), said.rfind("only) ")) :].partition(") ")[2]
