"""What was acknowledged, against what is stored."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.db.models import Count, F, Q

from accounts.models import Letter
from bookwhen.payments.models import EventState, StripeEvent
from deploy.cluster.studio import CONTESTED, LAST_PLACES, Studio
from deploy.cluster.visitors import Told
from memberships.models import Subscription
from tickets.models import Booking, BookingState, EntryPlaces, Refund, RefundState, Seat


@dataclass(frozen=True)
class Line:
    """One line of the report; `good`: whether it is as it has to be."""

    name: str
    value: str
    good: bool = True


def waits() -> str:
    """What is still to be done, in a few words; nothing where all is done."""
    letters = Letter.objects.waiting().count()
    events = StripeEvent.objects.filter(state=EventState.RECEIVED).count()
    refunds = Refund.objects.filter(state__in=(RefundState.QUEUED, RefundState.PENDING)).count()
    found = {"letters": letters, "events": events, "refunds": refunds}
    return ", ".join(f"{number} {name}" for name, number in found.items() if number)


def compare(told: Told, studio: Studio, sink: Path, contests: int) -> Iterator[Line]:
    """Every line."""
    yield from _bookings(told)
    yield from _last_places(told, studio, contests)
    yield from _payments(told)
    yield from _letters(told, sink)
    yield from _subscriptions(studio)
    left = waits()
    yield Line("still to be done", left or "nothing", not left)
    yield Line("answers that nobody expected", "; ".join(told.odd[:5]) or "none", not told.odd)
    yield _books()


def _bookings(told: Told) -> Iterator[Line]:
    seats = Seat.objects.live().filter(
        booking__state=BookingState.BOOKED, booking__customer__email__regex="^(guest|rival)"
    )
    stored = Counter(seats.values_list("booking__customer__email", flat=True))
    lost = [email for email in told.booked if email not in stored]
    twice = [email for email, number in stored.items() if number > 1]
    silent = [email for email in stored if email not in told.booked]
    refused = [email for email in silent if email in told.sold_out]
    yield Line("bookings acknowledged", str(len(told.booked)), len(told.booked) > 0)
    yield Line("bookings stored", str(sum(stored.values())))
    yield Line("acknowledged and not stored", _some(lost), not lost)
    yield Line("stored twice", _some(twice), not twice)
    yield Line("stored though it was refused", _some(refused), not refused)
    yield Line("stored, and nobody could be told", _some([each for each in silent if each not in told.sold_out]))
    yield Line("gave up after a minute", _some([f"{who} ({why})" for who, why in told.unclear.items()]))


def _last_places(told: Told, studio: Studio, contests: int) -> Iterator[Line]:
    held = Q(entry__seats__cancelled_at__isnull=True)
    all_places = EntryPlaces.objects.annotate(seats=Count("entry__seats", filter=held))
    over = all_places.filter(Q(taken__gt=F("capacity")) | Q(seats__gt=F("capacity"))).count()
    yield Line("entries oversold", str(over), over == 0)
    entries = studio.contested[: CONTESTED * contests]
    sold = list(all_places.filter(entry__in=entries).values_list("seats", flat=True))
    unsold = [number for number in sold if number != LAST_PLACES]
    rivals = len([email for email in told.sold_out if email.startswith("rival")])
    yield Line("entries contested to the last place", f"{len(sold)}, {LAST_PLACES} places each")
    yield Line("not sold exactly", str(len(unsold)), not unsold)
    yield Line("rivals who were told that it is sold out", str(rivals), rivals > 0)


def _payments(told: Told) -> Iterator[Line]:
    live = Q(seats__cancelled_at__isnull=True)
    bookings = Booking.objects.filter(customer__email__startswith="payer").annotate(live=Count("seats", filter=live))
    booked = Counter(bookings.filter(state=BookingState.BOOKED).values_list("customer__email", flat=True))
    lost = [email for email in told.paid if not booked[email]]
    twice = [email for email, number in booked.items() if number > 1]
    yield Line("paid at the checkout", str(len(told.paid)), len(told.paid) > 0)
    yield Line("paid and not booked", _some(lost), not lost)
    yield Line("paid twice or booked twice", _some(twice), not twice)


def _letters(told: Told, sink: Path) -> Iterator[Line]:
    came = Counter(sink.read_text().split())
    numbers = Counter({name.partition("@")[0].removeprefix("<letter-"): count for name, count in came.items()})
    sent = {str(pk) for pk in Letter.objects.filter(sent_at__isnull=False).values_list("pk", flat=True)}
    missing = [pk for pk in sent if not numbers[pk]]
    twice = [pk for pk, number in numbers.items() if number > 1]
    told_so = Counter(Letter.objects.filter(kind__in=("booked", "bought")).values_list("recipient", flat=True))
    without = [email for email in [*told.booked, *told.paid] if told_so[email] != 1]
    yield Line("letters sent", str(len(sent)))
    yield Line("letters that never came", _some(missing), not missing)
    yield Line("letters that came twice (with one Message-ID)", _some(twice))
    yield Line("bookings without exactly one confirmation", _some(without), not without)


def _subscriptions(studio: Studio) -> Iterator[Line]:
    """Whether each subscription is here as it is at Stripe."""
    (at_stripe,) = studio.at_stripe("state")["accounts"].values()
    ends = {each["id"]: each["items"]["data"][0]["current_period_end"] for each in at_stripe["subscription"]}
    ours = {each.stripe_id: each.period_end for each in Subscription.objects.exclude(stripe_id="")}
    differ = [key for key, end in ends.items() if ours.get(key) != datetime.fromtimestamp(end, UTC)]
    events = StripeEvent.objects.count()
    yield Line("events of Stripe’s kept", str(events), events > 0)
    yield Line("subscriptions", str(len(ends)), len(ends) > 0)
    yield Line("subscriptions that differ from Stripe", _some(differ), not differ)


def _books() -> Line:
    said = StringIO()
    try:
        call_command("check_books", stdout=said)
    except SystemExit:
        return Line("check_books", said.getvalue().strip(), good=False)
    return Line("check_books", said.getvalue().strip())


def _some(found: list[str]) -> str:
    return f"{len(found)}{': ' if found else ''}{', '.join(found[:4])}{' …' if len(found) > 4 else ''}"
