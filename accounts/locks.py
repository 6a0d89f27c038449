"""The locks of the accounts app."""

from accounts.models import Account, User


def lock_account(account: Account) -> Account:
    """The account as it is now, with one change to its pages or team at a time, to the end of the transaction.

    FOR NO KEY UPDATE: rows that point at the account, bookings above all, go on being written. Never taken by anything
    that books.
    """
    return Account.objects.select_for_update(no_key=True).get(pk=account.pk)


def lock_user(user: User) -> User:
    """The user as they are now, with one change to their login or studios at a time, to the end of the transaction."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)
