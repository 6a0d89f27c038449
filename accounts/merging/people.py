"""What `accounts` keeps of a customer: who they are, their addresses and login, what Stripe calls them, the history."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.details import phone_text
from accounts.mailings.following import follow_messages
from accounts.merging.lists import follow_lists
from accounts.merging.parts import Line, MergePart, Obstacle, Pair
from accounts.models import (
    Customer,
    CustomerAddress,
    Erasure,
    FormerStripeCustomer,
    MergedCustomer,
    StripeCustomer,
    Thing,
)
from accounts.operations.kinds import Place
from bookwhen.db import NOTE_LENGTH

MOST: Final = 5
"""How many are named for whom somebody gets the emails."""
_SHOW_HISTORY: Final = """
    INSERT INTO accounts_auditobject (account_id, entry_id, kind, object_id)
    SELECT account_id, entry_id, kind, %(survivor)s FROM accounts_auditobject
    WHERE account_id = %(account)s AND kind = %(kind)s AND object_id = %(gone)s
    ON CONFLICT (entry_id, kind, object_id) DO NOTHING
"""


def united_note(pair: Pair) -> str:
    """Both notes, the survivor's first; one that the other says already is not repeated."""
    first, second = pair.survivor.note.strip(), pair.gone.note.strip()
    return first if second in first else f"{first}\n{second}".strip()


def united_details(pair: Pair) -> dict[str, Any]:
    """What of the survivor's details becomes another: what they have nothing of is the other one's."""
    survivor, gone = pair.survivor, pair.gone
    found: dict[str, Any] = {}
    is_better_known = bool(gone.confirmed_name) and not survivor.confirmed_name
    if gone.name and (is_better_known or not survivor.name):
        found |= {"name": gone.name, "name_confirmed": gone.name_confirmed}
    if gone.phone and not survivor.phone:
        found["phone"] = gone.phone
    if (note := united_note(pair)) != survivor.note:
        found["note"] = note
    invited = max((each.invited_at for each in (survivor, gone) if each.invited_at), default=None)
    if invited != survivor.invited_at:
        found["invited_at"] = invited
    if survivor.user_id is None and gone.user_id is not None:
        found |= {"user_id": gone.user_id, "seen_at": gone.seen_at}
    return found | _united_news(survivor, gone)


def _united_news(survivor: Customer, gone: Customer) -> dict[str, Any]:
    """Consent to news: what was said last holds, and of two consents the earlier one."""
    said_no = max((each.news_ended_at for each in (survivor, gone) if each.news_ended_at), default=None)
    agreed = [each for each in (survivor, gone) if each.news_since and (said_no is None or each.news_since > said_no)]
    chosen = min(agreed, key=lambda each: (each.news_since, each.pk), default=None)
    if chosen is not None:
        united: dict[str, Any] = {"news_since": chosen.news_since, "news_source": chosen.news_source}
        united["news_ended_at"] = None
    else:
        united = {"news_since": None, "news_source": "", "news_ended_at": said_no}
    return {name: value for name, value in united.items() if getattr(survivor, name) != value}


def _hold(pair: Pair) -> None:
    """Both, after their subscriptions: nobody merges either, or changes their addresses, meanwhile.

    Not so that nobody can name them: who books holds their members, and names them when they commit.
    """
    both = Customer.objects.filter(account=pair.account, pk__in=pair.ids).order_by("pk")
    list(both.select_for_update(no_key=True).values_list("pk"))
    addresses = CustomerAddress.objects.filter(account=pair.account, customer__in=pair.ids).order_by("pk")
    list(addresses.select_for_update(no_key=True).values_list("pk"))


def _obstacles(pair: Pair) -> Iterator[Obstacle]:
    survivor, gone = pair.survivor, pair.gone
    if Erasure.objects.filter(left__in=pair.ids).exists():
        yield Obstacle(_("One of them was erased. What’s left of them is nobody’s, and stays that way."))
    if not survivor.email and gone.email:
        text = _("%(customer)s has an email address, so they’re the one who stays.") % {"customer": gone}
        yield Obstacle(text, turns=True)
    if survivor.user_id is not None and gone.user_id is not None:
        text = _(
            "Both can log in, and one customer has one login. Decide which login they keep. On the other customer’s"
            " page, add another address, make it the main one and remove the address that they log in with."
        )
        places = tuple(
            Place(_("Edit addresses of %(customer)s") % {"customer": each}, "customer_addresses", each.pk)
            for each in (survivor, gone)
        )
        yield Obstacle(text, places)
    if len(united_note(pair)) > NOTE_LENGTH:
        text = _("Their notes are too long for one customer. Shorten one of them first.")
        yield Obstacle(text, tuple(Place(str(each), "customer_note", each.pk) for each in (survivor, gone)))


def _lines(pair: Pair, _now: datetime) -> Iterator[Line]:
    survivor, gone = pair.survivor, pair.gone
    found = united_details(pair)
    name = str(found.get("name") or survivor)
    yield Line(gettext_lazy("Name"), (_("They’re called %(name)s.") % {"name": name},))
    if pair.moving_addresses:
        moved = _("%(main)s stays their main address. The account knows them by %(others)s as well.") % {
            "main": survivor.email,
            "others": ", ".join(pair.moving_addresses),
        }
        yield Line(gettext_lazy("Email addresses"), (moved,))
    in_care = Customer.objects.filter(account=pair.account, contact=gone).exclude(pk=survivor.pk).order_by("pk")[:MOST]
    if names := ", ".join(str(each) for each in in_care):
        cared = _("%(customer)s gets the emails for %(others)s from now on.") % {"customer": survivor, "others": names}
        yield Line(gettext_lazy("Contact for"), (cared,))
    if survivor.user_id or gone.user_id:
        yield Line(gettext_lazy("Login"), (_("They log in as before, and find everything of both there."),))
    details = list(_details(pair, found))
    if details:
        yield Line(gettext_lazy("Details"), tuple(details))


def _details(pair: Pair, found: dict[str, Any]) -> Iterator[str]:
    survivor, gone = pair.survivor, pair.gone
    if "phone" in found:
        yield _("The phone number %(phone)s is kept.") % {"phone": phone_text(gone.phone)}
    elif gone.phone and gone.phone != survivor.phone:
        yield _("The phone number %(kept)s stays. %(dropped)s isn’t kept.") % {
            "kept": phone_text(survivor.phone),
            "dropped": phone_text(gone.phone),
        }
    if gone.note.strip():
        yield _("Both notes are kept, one below the other.") if survivor.note.strip() else _("The note is kept.")
    if survivor.news_since or gone.news_since:
        wants = found.get("news_since", survivor.news_since)
        yield _("They get news by email.") if wants else _("They get no news by email, since they said so last.")


def _move(pair: Pair, now: datetime) -> None:
    account, survivor, gone = pair.account, pair.survivor, pair.gone
    found = united_details(pair)
    follow_lists(pair, taken=found)
    Customer.objects.filter(account=account, pk=gone.pk).update(user=None)
    if found:
        Customer.objects.filter(account=account, pk=survivor.pk).update(**found)
    CustomerAddress.objects.filter(account=account, customer=gone).update(customer=survivor)
    _move_at_stripe(pair)
    follow_messages(account, survivor.pk, gone.pk)
    shown: dict[str, Any] = {
        "account": account.pk,
        "kind": Thing.CUSTOMER.value,
        "survivor": survivor.pk,
        "gone": gone.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SHOW_HISTORY, shown)
    Customer.objects.filter(account=account, contact=gone).exclude(pk=survivor.pk).update(contact=survivor)
    MergedCustomer.objects.filter(account=account, customer=gone).update(customer=survivor)
    MergedCustomer.objects.create(account=account, former=gone.pk, customer=survivor, created_at=now)


def _move_at_stripe(pair: Pair) -> None:
    """Stripe keeps its customers apart: by one of them is bought, of the other is known whose it is."""
    account, survivor, gone = pair.account, pair.survivor, pair.gone
    FormerStripeCustomer.objects.filter(account=account, customer=gone).update(customer=survivor)
    known = StripeCustomer.objects.filter(account=account, customer=survivor).values("connection")
    theirs = StripeCustomer.objects.filter(account=account, customer=gone)
    former = [
        FormerStripeCustomer(
            account=account, customer=survivor, connection_id=each.connection_id, stripe_id=each.stripe_id
        )
        for each in theirs.filter(connection__in=known)
    ]
    FormerStripeCustomer.objects.bulk_create(former, ignore_conflicts=True)
    theirs.filter(connection__in=known).delete()
    theirs.update(customer=survivor)


PEOPLE: Final = MergePart(hold=_hold, obstacles=_obstacles, lines=_lines, move=_move)
