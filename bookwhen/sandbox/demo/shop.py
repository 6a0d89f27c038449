"""What the demo studio sells through Stripe: its memberships for the groups it has; and its subscribers' bookings."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from accounts.models import Account, Customer, SchedulePage
from bookwhen.payments import connections
from bookwhen.sandbox.demo import codes
from bookwhen.sandbox.demo.programme import CLASSES, FAMILY, MEMBER, Club
from bookwhen.sandbox.demo.season import Occasion
from groups.models import Group
from memberships.catalogue import MembershipDetails, PriceTerms, add_price, create_membership, edit_price, set_published
from memberships.models import BillingInterval, Price
from offers.eligibility import Attendee
from tickets.availability.facts import ANONYMOUS, person_of_customer
from tickets.booking.book import book
from tickets.booking.cancel import cancel_by_customer
from tickets.booking.refusals import BookingRefusedError
from tickets.booking.request import WantedTicket
from tickets.checkout import basket as baskets
from tickets.checkout.codes import apply_code
from tickets.checkout.memberships import buy_membership
from tickets.checkout.paying import check_out
from tickets.checkout.settling import settle_payment
from tickets.models import Booking, Entry, Payment
from tickets.money.refunds import submit_due_refunds

KEY: Final = "sk_test_Riverside_Movement_Studio"
"""The stand-in for Stripe reads the studio's name from it."""
MONTHLY: Final = "Monthly"
YEARLY: Final = "Yearly"
TRIAL_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Ware:
    """A membership; without `pages` (by slug) it is shown on all."""

    title: str
    club: Club
    text: str
    prices: tuple[PriceTerms, ...]
    pages: tuple[str, ...] = ()
    published: bool = True


UNLIMITED: Final = "Unlimited"
TEN: Final = "Ten a month"
FAMILIES: Final = "Family"
FRIENDS: Final = "Friends of the sail loft"

WARES: Final = (
    Ware(
        title=UNLIMITED,
        club=Club.UNLIMITED,
        text="Every class on the schedule, as often as you like, and a member’s place at most of our workshops.\n\n"
        "Pay by the month and cancel whenever you like, or pay by the year and get two months free.",
        prices=(
            PriceTerms(title=MONTHLY, amount=6500),
            PriceTerms(title=YEARLY, amount=65000, interval=BillingInterval.YEAR),
        ),
    ),
    Ware(
        title=TEN,
        club=Club.TEN,
        text="Ten classes a month, whichever you like. Before you book, you’ll see how many you have left and when "
        "they reset.\n\nNew here? The first seven days are free: come and try three or four.",
        prices=(PriceTerms(title=MONTHLY, amount=4800),),
        pages=(CLASSES,),
    ),
    Ware(
        title=FAMILIES,
        club=Club.FAMILY,
        text="Parent & Baby, Family Yoga and Saturday Vinyasa, for you and up to three more, big or small.",
        prices=(PriceTerms(title=MONTHLY, amount=7200),),
        pages=(CLASSES,),
    ),
    Ware(
        title=FRIENDS,
        club=Club.UNLIMITED,
        text="For the friends who painted, carried and lent us chairs: everything that Unlimited has.",
        prices=(PriceTerms(title=MONTHLY, amount=3000),),
        published=False,
    ),
)


def open_shop(account: Account, *, now: datetime) -> None:
    """Connect the studio to Stripe, as yet without a webhook endpoint, and put everything on sale; raises StripeError.

    `accounts.stripe_connection` and `bookwhen.payments.connections.check` then make the endpoint.
    """
    account.connection = connections.store_key(None, connections.verify_key(KEY), now=now)
    account.accepts_bank_debits = True
    account.save(update_fields=["connection", "accepts_bank_debits"])
    groups = {group.name: group for group in Group.objects.filter(account=account)}
    pages = {page.slug: page for page in account.pages.all()}
    for ware in WARES:
        details = MembershipDetails(title=ware.title, description=ware.text, pages=[pages[slug] for slug in ware.pages])
        membership = create_membership(account, details, group=groups[ware.club], now=now)
        for terms in ware.prices:
            add_price(membership, terms, now=now)
        set_published(membership, published=ware.published)
    codes.give_out(account, now=now)


def price_of(account: Account, ware: str, title: str = MONTHLY) -> Price:
    """The price of this title of a membership, with what buying it needs."""
    return Price.objects.select_related("membership").get(account=account, membership__title=ware, title=title)


def offer_trial(price: Price) -> None:
    """Let new members try a membership for free from now on."""
    edit_price(price, title=price.title, trial_days=TRIAL_DAYS, published=True)


def place_of(ware: str) -> str:
    """The name of the exclusive ticket that a membership is for."""
    return FAMILY.name if ware == FAMILIES else MEMBER.name


def come(customer: Customer, there: Occasion, name: str, *, at: datetime) -> None:
    """Let a subscriber book the ticket of that name at a class, at an aware instant, if there is a place."""
    wanted = [WantedTicket(ticket=there.tickets[name].pk, name=customer.name, attendee=Attendee.SELF)]
    with suppress(BookingRefusedError):
        book(there.entry, customer, wanted, who=person_of_customer(customer), key=uuid4(), now=at)


def begin_purchase(
    customer: Customer, there: Occasion, name: str, places: int, *, code: str = "", at: datetime
) -> tuple[Booking, str]:
    """Put places at a class into a basket, with a discount code; that, and the address of Stripe's checkout.

    Raises what selling raises.

    Of somebody with a login the first place is their own.
    """
    who = person_of_customer(customer) if customer.user_id else ANONYMOUS
    entry = Entry.objects.for_booking().get(pk=there.entry.pk)
    wanted = [
        WantedTicket(
            ticket=there.tickets[name].pk,
            name=customer.name,
            is_for_booker=number == 0 and customer.user_id is not None,
        )
        for number in range(places)
    ]
    basket = baskets.add_tickets(None, entry, customer, wanted, who=who, key=uuid4(), now=at)
    if code:
        apply_code(basket, code, who, now=at)
    seen = baskets.refresh_basket(basket, who, now=at)
    return seen.booking, check_out(seen.booking, who, seen.basket_version, now=at)


def begin_membership(customer: Customer, price: Price, page: SchedulePage, *, at: datetime) -> tuple[Booking, str]:
    """Send a customer to the checkout of a membership: their basket of one, and the address of Stripe's checkout."""
    return buy_membership(None, price, customer, page, who=person_of_customer(customer), now=at)


def come_back(basket: Booking, *, at: datetime) -> None:
    """Let a customer come back from Stripe's checkout with their basket."""
    paid = Payment.objects.for_settling()
    settle_payment(paid.get(booking=basket), now=at)


def stay_away(booking: int, *, at: datetime) -> None:
    """Let a customer cancel one of the places that they paid in a booking (id), and have the money back."""
    basket = Booking.objects.get(pk=booking)
    cancel_by_customer(basket, [basket.seats.earliest("pk").pk], now=at)
    submit_due_refunds(now=at)
