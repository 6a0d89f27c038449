"""What a discount code is, in words: how it stands, and its terms as one plain sentence."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from django.db import connection
from django.db.models import TextChoices
from django.utils.formats import number_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Account
from bookwhen.money import money
from offers.messages import NAMED, format_day
from tickets.models import CodeUses, DiscountCode
from tickets.schedule.offers_summary import READ, Covered


class CodeState(TextChoices):
    """How a discount code stands on a local date."""

    UPCOMING = "upcoming", gettext_lazy("Upcoming")
    RUNNING = "running", gettext_lazy("Active")
    USED_UP = "used_up", gettext_lazy("Used up")
    OVER = "over", gettext_lazy("Ended")
    OFF = "off", gettext_lazy("Switched off")


def state_of(code: DiscountCode, uses: CodeUses, today: date) -> CodeState:
    """How a code stands on a local date of its account's."""
    if not code.enabled:
        return CodeState.OFF
    if code.ends_on and code.ends_on < today:
        return CodeState.OVER
    if uses.are_gone:
        return CodeState.USED_UP
    return CodeState.UPCOMING if code.starts_on and today < code.starts_on else CodeState.RUNNING


def saving_text(code: DiscountCode, account: Account) -> str:
    """What a code takes off each ticket, such as *10% off* or *£2.50 off*."""
    if code.percent is not None:
        return _("%(percent)s%% off") % {"percent": number_format(code.percent)}
    return _("%(amount)s off") % {"amount": money(code.amount_off or 0, account.currency, account.locale)}


def describe_code(code: DiscountCode, account: Account, covered: Covered, *, limit: int | None) -> str:
    """What a code does as one plain sentence; `limit` is how many bookings may be made with it in all."""
    terms = code_terms_text(code, account, covered, limit=limit)
    return _("Anyone who enters %(code)s gets %(terms)s") % {"code": code.code, "terms": terms}


def code_terms_text(code: DiscountCode, account: Account, covered: Covered, *, limit: int | None) -> str:
    """The same without its name, such as *10% off every ticket, from now on, as often as they like*."""
    given = {
        "saved": saving_text(code, account),
        "covered": _("every ticket") if code.for_all else _covered_text(covered),
        "when": _when(code),
        "often": _how_often(limit, code.customer_limit),
    }
    return _("%(saved)s %(covered)s, %(when)s, %(often)s.") % given


def _covered_text(covered: Covered) -> str:
    parts = []
    if covered.pages:
        parts.append(_("every ticket on %(pages)s") % {"pages": _listed([f"“{page}”" for page in covered.pages])})
    if covered.tickets:
        names = [f"“{name}”" for name in dict.fromkeys(covered.tickets)]
        more = len(names) - NAMED
        if covered.has_more:
            names = [*names[:NAMED], _("many more")]
        elif more > 0:
            names = [*names[:NAMED], ngettext("%(count)d more", "%(count)d more", more) % {"count": more}]
        parts.append(_listed(names))
    return _listed(parts) if parts else _("nothing that’s still on sale")


def _when(code: DiscountCode) -> str:
    given = {
        "first": format_day(code.starts_on) if code.starts_on else "",
        "last": format_day(code.ends_on) if code.ends_on else "",
    }
    if code.starts_on and code.starts_on == code.ends_on:
        return _("on %(first)s only") % given
    if code.starts_on and code.ends_on:
        return _("from %(first)s to %(last)s (inclusive)") % given
    if code.starts_on:
        return _("from %(first)s on") % given
    return _("until %(last)s (inclusive)") % given if code.ends_on else _("from now on")


def _how_often(limit: int | None, customer_limit: int | None) -> str:
    each = (
        ngettext("for %(count)d booking each", "for up to %(count)d bookings each", customer_limit)
        % {"count": customer_limit}
        if customer_limit
        else ""
    )
    if limit is None:
        return each or _("as often as they like")
    in_all = ngettext("%(count)d booking in total", "%(count)d bookings in total", limit) % {"count": limit}
    return (
        _("%(each)s, %(in_all)s") % {"each": each, "in_all": in_all}
        if each
        else _("for %(in_all)s") % {"in_all": in_all}
    )


def _listed(words: Sequence[str]) -> str:
    return str(get_text_list(list(words), _("and")))


# The newest of a code's tickets are taken first, and each is then looked up, so that no more are read.
_COVERED: Final = """
    SELECT code.id,
        ARRAY(
            SELECT page.title FROM tickets_codecoverage AS covers
            JOIN accounts_schedulepage AS page ON page.id = covers.page_id
            WHERE covers.code_id = code.id ORDER BY page.id
        ),
        ARRAY(
            SELECT ticket.name FROM unnest(newest.tickets) AS covered (id)
            JOIN tickets_ticket AS ticket ON ticket.id = covered.id AND ticket.retired_at IS NULL
            ORDER BY covered.id
        ),
        cardinality(newest.tickets)
    FROM tickets_discountcode AS code CROSS JOIN LATERAL (
        SELECT ARRAY(
            SELECT ticket_id FROM tickets_codecoverage
            WHERE code_id = code.id AND ticket_id IS NOT NULL ORDER BY ticket_id DESC LIMIT %(read)s
        ) AS tickets
    ) AS newest
    WHERE code.account_id = %(account)s AND code.id = ANY(%(codes)s)
"""


def covered_by_codes(account: Account, codes: Iterable[DiscountCode]) -> Mapping[int, Covered]:
    """What each of some codes of an account is for, by the code's id; of tickets, the newest are looked at."""
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, {"account": account.pk, "codes": [code.pk for code in codes], "read": READ})
        return {
            code: Covered(pages, tickets, has_more=number == READ) for code, pages, tickets, number in cursor.fetchall()
        }
