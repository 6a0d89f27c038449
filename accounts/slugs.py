"""The names that stand in addresses: which are ours, and how one is made from a title."""

from typing import Final

from django.utils.text import slugify

from accounts.models import Account, SchedulePage

LENGTH: Final = 60
SPARE: Final = 4
"""Room for a number behind a name that is taken."""

RESERVED: Final = frozenset(
    """
    about accounts admin api app apps assets blog booking bookings bookwhen calendar calendars contact customers
    dashboard demo docs embed entries events feed feeds groups health help home legal login logout mail media
    memberships metrics my new offers outbox pages password plans pricing privacy robots settings shop signup
    sitemap start static status stripe support team terms test tickets user users webhooks widget www
    """.split()  # noqa: SIM905 - sixty lines of one word each read worse
)
"""No page or account may be called this: the first part of an address of ours, now or one day."""


def is_slug_free(address: str) -> bool:
    """Whether a new account and its first page may be found at this address."""
    taken = Account.objects.filter(slug=address).exists() or SchedulePage.objects.filter(slug=address).exists()
    return address not in RESERVED and not taken


def suggest_slug(title: str) -> str:
    """An address like the title that is free now, with a number behind it if need be."""
    stem = slugify(title)[: LENGTH - SPARE].strip("-_").replace("_", "-") or "studio"
    number, address = 1, stem
    while not is_slug_free(address):
        number += 1
        address = f"{stem}-{number}"
    return address
