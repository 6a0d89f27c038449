"""Proving an e-mail address: one link, sent to it, that makes a login or gives an old one a new password.

Signing up and *Forgotten your password?* are the same thing. Nothing here lets a stranger learn who has a login: the
same letter row is written for every address, and only its owner reads which it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts import email_queue
from accounts.customers import link_proved_customers
from accounts.locks import lock_user
from accounts.login_letters import LoginChange, notify_login_changed
from accounts.logins import login_of
from accounts.models import Staff, User
from accounts.names import one_line_name
from bookwhen.email_address import fold_email

SALT: Final = "accounts.identity"
LINK_LIFE: Final = timedelta(days=1)


class DeadLinkError(Exception):
    """The link is damaged, too old, or was used; `next_path` is where one of ours would have led."""

    def __init__(self, next_path: str = "") -> None:
        super().__init__()
        self.next_path = next_path


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was opened: whose address it proves, the login that address has now, and where to go afterwards."""

    email: str
    next_path: str
    user: User | None


def write_token(email: str, *, next_path: str, user: User | None, now: datetime, life: timedelta = LINK_LIFE) -> str:
    """The secret of a link: valid until it is used, the login changes, or `life` has passed since `now`."""
    email = fold_email(email)
    facts = {
        "email": email,
        "next": next_path,
        "state": _state(email, user),
        "until": int((now + life).timestamp()),
    }
    return signing.dumps(facts, salt=SALT, compress=True)


def read_token(token: str, *, now: datetime) -> Link:
    """Open a link; raises DeadLinkError."""
    try:
        facts = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise DeadLinkError from error
    email = facts["email"]
    user = login_of(email)
    if now.timestamp() >= facts["until"] or not _is_state(facts["state"], email, user):
        raise DeadLinkError(facts["next"])
    return Link(email, facts["next"], user)


def send_link(email: str, *, next_path: str, now: datetime) -> None:
    """Write to an address with a link that proves it; to the address of a closed login, that it is closed."""
    email = fold_email(email)
    user = login_of(email)
    if user is not None and not user.is_active:
        email_queue.queue_letter(
            kind="login_closed",
            recipient=email,
            template="accounts/letters/login_closed",
            context={},
            account=None,
            now=now,
        )
        return
    token = write_token(email, next_path=next_path, user=user, now=now)
    email_queue.queue_letter(
        kind="login_link",
        recipient=email,
        template="accounts/letters/login_link",
        context={"email": email, "link": link_url(token), "has_login": user is not None and user.has_usable_password()},
        account=None,
        now=now,
    )


def send_invitation(staff: Staff, *, now: datetime, life: timedelta) -> None:
    """Tell somebody that they are on an account's team, with the link to their login or, lacking one, to make it."""
    user, account = staff.user, staff.account
    dashboard = reverse("dashboard:overview", args=[account.slug])
    if user.has_usable_password():
        link = email_queue.absolute(f"{reverse('account_login')}?{urlencode({'next': dashboard})}")
    else:
        link = link_url(write_token(user.email, next_path=dashboard, user=user, now=now, life=life))
    email_queue.queue_letter(
        kind="team_invitation",
        recipient=staff.email,
        template="accounts/letters/team_invitation",
        context={"link": link, "has_login": user.has_usable_password()},
        account=account,
        now=now,
    )


def link_url(token: str) -> str:
    """The address of a link, for an e-mail."""
    return email_queue.absolute(reverse("account_open_link", args=[token]))


def choose_password(token: str, *, password: str, name: str, now: datetime) -> User:
    """Use up a link: the login has this password, made if there was none, and its address is proved.

    Customers with that address are linked to it in every account, and called what it is called. An empty `name` keeps
    the one there is. Raises DeadLinkError; of two who use one link at a time, one.
    """
    with transaction.atomic():
        link = read_token(token, now=now)
        user = _make(link.email) if link.user is None else _lock_link_user(link.user, token, now)
        if user.has_usable_password():
            notify_login_changed(user, LoginChange.PASSWORD, now=now)
        user.name = one_line_name(name) or user.name
        user.set_password(password)
        user.save(update_fields=["name", "password"])
        EmailAddress.objects.update_or_create(
            user=user, email=link.email, defaults={"verified": True, "primary": link.email == user.email}
        )
        link_proved_customers(user)
    return user


def change_password(user: User, password: str, *, now: datetime) -> None:
    """Give somebody who is logged in another password, and tell them by email."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        notify_login_changed(user, LoginChange.PASSWORD, now=now)


def _make(email: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email)
    except IntegrityError as error:
        raise DeadLinkError from error


def _lock_link_user(user: User, token: str, now: datetime) -> User:
    lock_user(user)
    link = read_token(token, now=now)
    if link.user is None:
        raise DeadLinkError
    return link.user


def _state(email: str, user: User | None, *, secret: str | None = None) -> str:
    """What changes when a link has done its work: the password, the last time of logging in, or that there is none."""
    facts = f"{user.pk} {user.password} {user.last_login} {user.is_active}" if user else "none"
    return salted_hmac(SALT, f"{email} {facts}", secret=secret, algorithm="sha256").hexdigest()[:32]


def _is_state(state: str, email: str, user: User | None) -> bool:
    """Whether nothing has changed since a link was written, under this secret key or one that it replaced."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(state, _state(email, user, secret=secret)) for secret in secrets)
