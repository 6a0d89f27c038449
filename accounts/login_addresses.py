"""The addresses of a login: one more, proved by a link sent to it; which of them is the main one; one less.

Each of them logs in, and studios know the person by each (docs/decisions/0077). Only the login that asked for a link
can use it: anyone else who opens one gives nobody anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import email_queue
from accounts.addresses import forget_own_address, own_address, prefer_own_address
from accounts.customers import link_proved_customers
from accounts.identity import LINK_LIFE, DeadLinkError
from accounts.locks import lock_user
from accounts.login_letters import LoginChange, notify_login_changed
from accounts.logins import login_of
from accounts.models import Account, User
from bookwhen.db import violated_constraint
from bookwhen.email_address import fold_email

SALT: Final = "accounts.login_addresses"
MOST_ADDRESSES: Final = 10
ADDRESS_OF_OTHER: Final = frozenset({"login_address_once", "unique_verified_email"})
"""The constraints that an address logs one person in."""


class TooManyAddressesError(Exception):
    """The login has as many addresses as a login may have."""


class OwnAddressError(Exception):
    """The login has this address already."""


class OtherLoginError(Exception):
    """The address is another login's; only somebody who has proved that it is theirs is told."""


class MainLoginAddressError(Exception):
    """The main address of a login cannot be removed: another has to be the main one first."""


class AddressNeededError(Exception):
    """Studios (`accounts`) know the person by this address alone, and cannot write to their main one instead."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        super().__init__([account.pk for account in accounts])
        self.accounts = accounts


@dataclass(frozen=True, slots=True)
class AddressLink:
    """A link that was opened by the login that asked for it: which address it proves."""

    email: str


def addresses_of(user: User) -> list[EmailAddress]:
    """The addresses that a login has proved, its main one first."""
    proved = EmailAddress.objects.filter(user=user, verified=True).order_by("pk")
    return sorted(proved, key=lambda each: each.email != user.email)


def send_address_link(user: User, email: str, *, now: datetime) -> None:
    """Write to an address with the link that adds it to a login; where it has a login of its own, that it has.

    What the page says is the same either way. Raises OwnAddressError and TooManyAddressesError.
    """
    email = fold_email(email)
    known = addresses_of(user)
    if any(each.email == email for each in known):
        raise OwnAddressError
    if len(known) >= MOST_ADDRESSES:
        raise TooManyAddressesError
    owner = login_of(email)
    is_other = owner is not None and owner.pk != user.pk
    link = "" if is_other else email_queue.absolute(address_link_path(user, email, now=now))
    email_queue.queue_letter(
        kind="address_link",
        recipient=email,
        template="accounts/letters/address_link",
        context={"email": email, "link": link},
        account=None,
        now=now,
    )


def address_link_path(user: User, email: str, *, now: datetime) -> str:
    """Where a link leads that adds a folded address to a login: only an email to that address may hold it."""
    return reverse("my_address_confirm", args=[_write_token(user, email, now=now)])


def read_address_link(token: str, user: User, *, now: datetime) -> AddressLink:
    """Open a link as the login that asked for it; raises DeadLinkError, also for every other login."""
    try:
        facts = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise DeadLinkError from error
    if now.timestamp() >= facts["until"] or not _is_state(facts["state"], user, facts["email"]):
        raise DeadLinkError
    return AddressLink(facts["email"])


def add_login_address(user: User, token: str, *, now: datetime) -> list[Account]:
    """Use a link up: the login has its address, and every studio that knows them knows it.

    Returns the studios that know the address as somebody else's. Tells both addresses. Raises DeadLinkError, and
    OtherLoginError where meanwhile it became another login's.
    """
    try:
        with transaction.atomic():
            held = lock_user(user)
            link = read_address_link(token, held, now=now)
            if (owner := login_of(link.email)) is not None and owner.pk != held.pk:
                raise OtherLoginError
            EmailAddress.objects.update_or_create(
                user=held, email=link.email, defaults={"verified": True, "primary": link.email == held.email}
            )
            link_proved_customers(held)
            apart = own_address(held, link.email, now=now)
            _tell(held, LoginChange.ADDRESS_ADDED, link.email, [held.email, link.email], now=now)
    except IntegrityError as error:
        if violated_constraint(error) not in ADDRESS_OF_OTHER:
            raise
        raise OtherLoginError from error
    return apart


def choose_login_address(user: User, address: EmailAddress, *, now: datetime) -> list[Account]:
    """Make one of a login's addresses the main one, here and at every studio; tells the old one and the new one.

    Returns the studios that go on writing to another, as they know this one as somebody else's.
    """
    with transaction.atomic():
        held, before = lock_user(user), user.email
        chosen = EmailAddress.objects.filter(user=held, verified=True, pk=address.pk).first()
        if chosen is None or chosen.email == held.email:
            return []
        before, held.email = held.email, chosen.email
        held.save(update_fields=["email"])
        EmailAddress.objects.filter(user=held, primary=True).update(primary=False)
        EmailAddress.objects.filter(pk=chosen.pk).update(primary=True)
        apart = own_address(held, chosen.email, now=now)
        prefer_own_address(held, chosen.email)
        _tell(held, LoginChange.ADDRESS_CHOSEN, chosen.email, [before, chosen.email], now=now)
    user.email = held.email
    return apart


def remove_login_address(user: User, address: EmailAddress, *, now: datetime) -> None:
    """Log nobody in by an address any more; studios forget it too, and write to the main one. Tells both addresses.

    Raises MainLoginAddressError, and AddressNeededError.
    """
    with transaction.atomic():
        held = lock_user(user)
        gone = EmailAddress.objects.filter(user=held, pk=address.pk).first()
        if gone is None:
            return
        if gone.email == held.email:
            raise MainLoginAddressError
        needed = forget_own_address(held, gone.email, now=now)
        if needed:
            raise AddressNeededError(needed)
        gone.delete()
        _tell(held, LoginChange.ADDRESS_REMOVED, gone.email, [held.email, gone.email], now=now)


def _tell(user: User, change: LoginChange, email: str, to: Sequence[str], *, now: datetime) -> None:
    for recipient in dict.fromkeys(to):
        notify_login_changed(user, change, now=now, recipient=recipient, address=email)


def _write_token(user: User, email: str, *, now: datetime) -> str:
    """The secret of a link: until it is used, the login's addresses or password change, or a day has passed."""
    until = int((now + LINK_LIFE).timestamp())
    return signing.dumps({"email": email, "state": _state(user, email), "until": until}, salt=SALT, compress=True)


def _state(user: User, email: str, *, secret: str | None = None) -> str:
    known = EmailAddress.objects.filter(user=user, verified=True).order_by("pk").values_list("email", flat=True)
    facts = f"{user.pk} {user.password} {user.is_active} {user.email} {' '.join(known)} {email}"
    return salted_hmac(SALT, facts, secret=secret, algorithm="sha256").hexdigest()[:32]


def _is_state(state: str, user: User, email: str) -> bool:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(state, _state(user, email, secret=secret)) for secret in secrets)
