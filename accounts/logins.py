"""Whose login an address is: every address that somebody proved is theirs, not their main one alone."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.models import User


def login_of(email: str) -> User | None:
    """The user who logs in by a folded address, if anybody does; the database lets it be one person's only."""
    found = User.objects.filter(email=email).first()
    if found is not None:
        return found
    proved = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    return User.objects.get(pk=proved.user_id) if proved else None


def get_or_create_login(email: str) -> User:
    """The user of a folded address; made without a password where there is none."""
    if (found := login_of(email)) is not None:
        return found
    try:
        with transaction.atomic():
            return User.objects.create_user(email)
    except IntegrityError:
        # At this instant somebody else made it, or proved the address.
        if (found := login_of(email)) is None:
            raise
        return found
