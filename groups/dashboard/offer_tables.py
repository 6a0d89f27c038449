"""The tables of a group's offers and of its exclusive tickets, drawn row by row."""

from collections.abc import Iterable
from typing import Final

from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.models import Account
from bookwhen.fastpath.row_templates import RowTemplate, joined
from bookwhen.links import numbered_links
from bookwhen.when import when
from groups.models import Group
from tickets.schedule.offers_summary import ExclusiveTicketRow, OfferCard

_OFFER: Final = RowTemplate("offers/dashboard/_offer.html")
_TICKET: Final = RowTemplate("offers/dashboard/_ticket.html")
_INCLUDING: Final = RowTemplate("offers/dashboard/_including.html")
_ACTIONS: Final = ("edit", "replace", "delete")


def draw_offers(group: Group, offers: Iterable[OfferCard], *, may_change: bool) -> SafeString:
    """The offers of a group (with its account) as its page lists them."""
    of_group = {"account": group.account.slug, "pk": group.pk}
    operations_url = reverse("dashboard:operations", kwargs={"account": group.account.slug})
    edit, replace, delete = (numbered_links(f"dashboard:offer_{each}", number="offer", **of_group) for each in _ACTIONS)
    history = numbered_links("dashboard:history_of", number="object", kind="offer", account=group.account.slug)
    return joined(
        _OFFER.draw(
            {
                "title": card.title,
                "sentence": card.sentence,
                "offer": card.offer.pk,
                "edit_url": edit(card.offer.pk),
                "replace_url": replace(card.offer.pk),
                "delete_url": delete(card.offer.pk),
                "operations_url": operations_url,
                "history_url": history(card.offer.pk),
            },
            kind=str(card.offer.kind),
            archived=group.archived_at is not None,
            enabled=card.offer.enabled,
            carrying=card.offer.carrying,
            may_change=may_change,
        )
        for card in offers
    )


def draw_tickets(account: Account, rows: Iterable[ExclusiveTicketRow]) -> SafeString:
    """Exclusive tickets, each with the offers of one group that include it."""
    tickets_of = numbered_links("dashboard:entry_tickets", account=account.slug)
    return joined(
        _TICKET.draw(
            {
                "ticket_url": tickets_of(row.ticket.entry_id or 0),
                "name": row.ticket.name,
                "title": row.ticket.entry_title or "",
                "page": row.ticket.series.page.title,
                "next_at": when(row.ticket.next_at, tz=account.zone),
                "offers": _including(row),
            },
            has_entry=bool(row.ticket.entry_id),
            has_title=bool(row.ticket.entry_title),
            is_planned=bool(row.ticket.next_at),
            is_included=bool(row.enabled or row.disabled),
        )
        for row in rows
    )


def _including(row: ExclusiveTicketRow) -> SafeString:
    called = [*((title, True) for title in row.enabled), *((title, False) for title in row.disabled)]
    return joined(
        _INCLUDING.draw({"title": title}, enabled=enabled, alone=not row.enabled) for title, enabled in called
    )
