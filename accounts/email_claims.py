"""Taking letters that are due, many in one statement; each is one worker's for `LEASE`.

No lock is held while the mail server is talked to. A worker that dies after the server took a letter makes that one go
out twice; both carry the same Message-ID. What else it had taken is due again when its lease ends.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from django.db import DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError, transaction
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.email_outage import MOST_ATTEMPTS, may_try
from accounts.email_quota import charge, hold_until_tomorrow
from accounts.models import Account, DeliveryFault, Letter
from bookwhen.installation.copies import find_copy

LEASE: Final = timedelta(minutes=5)
"""How long a worker has a letter to itself: longer than any task lives that sends letters (their `time_limit`)."""
BEGIN_WITHIN: Final = timedelta(minutes=2)
"""How long after it was taken a worker may begin to send a letter."""
BATCH: Final = 20
"""How many a worker takes at a time: few enough that those it cannot begin with are soon another's."""

# Each part can be answered by one index only, whatever the statistics say (docs/decisions/0046): the one by number does
# not say `sent_at IS NULL AND failed_at IS NULL`, the one by time names no account. Rows that another worker is at are
# left to it. How many is written into the statement: else PostgreSQL would plan for a tenth of the table.
_DUE: Final = """
    SELECT id, due_at FROM accounts_letter
    WHERE sent_at IS NULL AND failed_at IS NULL AND due_at <= %(now)s AND id <> ALL (%(without)s::bigint[]) {when}
    ORDER BY due_at {order} LIMIT {most}
    FOR UPDATE SKIP LOCKED
"""
_THIS: Final = """
    SELECT id, due_at FROM accounts_letter
    WHERE id = %(pk)s AND due_at <= %(now)s AND COALESCE(sent_at, failed_at) IS NULL
    FOR UPDATE SKIP LOCKED
"""
_TAKE: Final = """
UPDATE accounts_letter letter SET due_at = %(until)s, attempts = LEAST(letter.attempts + 1, %(attempts)s)
FROM taken WHERE letter.id = taken.id
RETURNING letter.*, taken.due_at AS was_due_at, EXISTS (SELECT FROM accounts_mailoutage) AS is_outage,
    EXISTS (
        SELECT FROM accounts_emailblock block
        WHERE block.account_id = letter.account_id AND block.email = letter.recipient AND block.reason = 'bounced'
    ) AS has_bounced
"""
_NEXT_LETTERS: Final = """
WITH oldest AS MATERIALIZED ({oldest}), newest AS MATERIALIZED ({newest}),
taken AS MATERIALIZED (SELECT * FROM oldest UNION SELECT * FROM newest)
{take}
"""
_THIS_LETTER: Final = f"WITH taken AS MATERIALIZED ({_THIS}) {_TAKE}"
_THIS_AND_NEXT: Final = """
WITH this AS MATERIALIZED ({this}), oldest AS MATERIALIZED ({oldest}), newest AS MATERIALIZED ({newest}),
taken AS MATERIALIZED (SELECT * FROM this UNION SELECT * FROM oldest UNION SELECT * FROM newest)
{take}
"""


if TYPE_CHECKING:

    class ClaimedLetter(Letter):
        """A letter as claiming reads it."""

        was_due_at: datetime
        is_outage: bool
        """Whether the mail server refuses everything."""
        has_bounced: bool
        """Whether letters to its recipient came back."""


class UnclaimableError(Exception):
    """A letter (by its number) could not even be claimed: something about it, or its account, is broken."""

    def __init__(self, letter: int, cause: Exception) -> None:
        super().__init__(f"{letter}: {cause}")
        self.letter, self.cause = letter, cause


def claim(pk: int, *, now: datetime) -> "ClaimedLetter | None":
    """Take a letter that is due; None when it is sent, given up, held, or another worker has it.

    In a quiet copy of a site letters wait.
    """
    return next(iter(claim_letters(pk, most=1, now=now)), None)


def claim_next(*, now: datetime, without: Collection[int] = ()) -> "ClaimedLetter | None":
    """Take the letter that has been due longest; None when there is none, or all wait."""
    return next(iter(claim_letters(most=1, now=now, without=without)), None)


def claim_letters(
    pk: int | None = None, *, now: datetime, most: int = BATCH, without: Collection[int] = ()
) -> list["ClaimedLetter"]:
    """Take up to `most` letters (with account and connection); none in a quiet copy.

    Of many, half are those that have been due longest, and half those that have become due last: behind a message to
    twenty thousand nobody waits to hear that their class is cancelled, and its own emails still go (decision 0092).
    With a number: that one, and others with it; none where that one cannot be had. Those that are named in `without`
    are left. During an outage of the mail server it is one at most. Raises UnclaimableError, which names the letter to
    leave.
    """
    while find_copy() is None:
        try:
            with transaction.atomic():
                taken = _take(pk, most, now, without)
                letters = _without_expired(taken, now)
                is_outage = bool(letters) and letters[0].is_outage
                if is_outage and not (most == 1 and may_try(letters[0].pk, now=now, lease=LEASE)):
                    transaction.set_rollback(True)
                    if most == 1:
                        return []
                    most = 1
                    continue
                allowed = _within_quota(letters, now)
        except (DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError):
            # Something about one of them. One at a time, it has a name.
            if most == 1:
                raise
            most = 1
            continue
        if allowed or not taken or pk is not None:
            return allowed
    return []


def release(letters: Sequence[Letter], *, now: datetime) -> None:
    """Give back letters that were taken and not tried, as they were."""
    if letters:
        # Only where the lease is still this worker's.
        mine = Letter.objects.waiting().filter(pk__in=[each.pk for each in letters], due_at=letters[0].due_at)
        mine.update(due_at=now, attempts=Greatest(F("attempts") - 1, 0))


def waits_since(instant: datetime) -> bool:
    """Whether a letter has been due since then."""
    due = Letter.objects.waiting().filter(due_at__lte=instant).order_by("due_at")
    return due.values_list("pk", flat=True).first() is not None


def is_still_waiting(letter: Letter) -> bool:
    """Whether a letter that was taken is still to be sent: its recipient may have unsubscribed meanwhile."""
    return not letter.is_unsolicited or Letter.objects.waiting().filter(pk=letter.pk).exists()


def _take(pk: int | None, most: int, now: datetime, without: Collection[int]) -> list["ClaimedLetter"]:
    facts = {"pk": pk, "now": now, "without": list(without), "until": now + LEASE, "attempts": MOST_ATTEMPTS}
    if pk is None and most == 1:
        oldest = next(iter(Letter.objects.raw(_DUE.format(when="", order="", most=1), facts)), None)
        if oldest is None:
            return []
        with _naming(oldest.pk):
            return _take(oldest.pk, 1, now, without)
    found = cast("Iterable[ClaimedLetter]", Letter.objects.raw(_statement(pk, most), facts))
    letters = sorted(found, key=lambda each: (each.pk != pk, each.was_due_at, each.pk))
    accounts = Account.objects.select_related("connection").in_bulk(
        {each.account_id for each in letters if each.account_id is not None}
    )
    for each in letters:
        each.account = None if each.account_id is None else accounts[each.account_id]
    return letters


def _statement(pk: int | None, most: int) -> str:
    if pk is None:
        return _NEXT_LETTERS.format(**_both_ends("", most), take=_TAKE)
    if most == 1:
        return _THIS_LETTER
    return _THIS_AND_NEXT.format(this=_THIS, **_both_ends("AND (SELECT count(*) FROM this) = 1", most - 1), take=_TAKE)


def _both_ends(when: str, most: int) -> dict[str, str]:
    """Which are due, from both ends of their one index, the longer half from where they have been due longest."""
    return {
        "oldest": _DUE.format(when=when, order="", most=most - most // 2),
        "newest": _DUE.format(when=when, order="DESC", most=most // 2),
    }


def _without_expired(letters: Sequence["ClaimedLetter"], now: datetime) -> list["ClaimedLetter"]:
    """Give up those that would say what is over by now: no mail server took them in time, say."""
    late = [each.pk for each in letters if each.expires_at is not None and each.expires_at <= now]
    if late:
        Letter.objects.filter(pk__in=late).update(failed_at=now, fault=DeliveryFault.EXPIRED, fault_since=now, error="")
    return [each for each in letters if each.pk not in late]


def _within_quota(letters: Sequence["ClaimedLetter"], now: datetime) -> list["ClaimedLetter"]:
    """Count those that are metered, and let those that are over the quota wait for their account's next day."""
    over: dict[int, ClaimedLetter] = {}
    # Every worker counts for accounts in the same order, so that no two wait for each other.
    for letter in sorted(letters, key=lambda each: (each.account_id or 0, each.pk)):
        with _naming(letter.pk):
            if not charge(letter, now=now):
                over[letter.pk] = letter
    if over:
        Letter.objects.filter(pk__in=over).update(due_at=now, attempts=Greatest(F("attempts") - 1, 0))
    for account_id in sorted({each.account_id for each in over.values() if each.account_id is not None}):
        its = [each for each in over.values() if each.account_id == account_id]
        account = its[0].account
        assert account is not None  # noqa: S101 - it has a quota
        with _naming(its[0].pk):
            hold_until_tomorrow(account, its, now=now)
    return [each for each in letters if each.pk not in over]


@contextmanager
def _naming(letter: int) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise UnclaimableError(letter, error) from error
