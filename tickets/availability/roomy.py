"""What the rule would say if there were space: whether nothing but the lack of it stands in the way."""

from dataclasses import replace
from typing import Final

from offers.eligibility import Situation

_PLENTY: Final = 1_000_000


def with_plenty_of_space(situation: Situation) -> Situation:
    """The same, but for a space for everybody at the event and by each of its tickets."""
    tickets = {
        pk: ticket if ticket.places_left is None else replace(ticket, places_left=_PLENTY)
        for pk, ticket in situation.tickets.items()
    }
    return replace(situation, event=replace(situation.event, places_left=_PLENTY), tickets=tickets)
