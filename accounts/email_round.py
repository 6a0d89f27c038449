"""A worker's round: letters claimed many at a time, and sent in one conversation with the mail server."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from accounts.email_claims import (
    BEGIN_WITHIN,
    LEASE,
    UnclaimableError,
    claim_letters,
    is_still_waiting,
    release,
)
from accounts.email_delivery import Post
from accounts.models import DeliveryFault
from bookwhen.jobs.run import Run
from bookwhen.jobs.stopping import is_stopping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.email_claims import ClaimedLetter

TASK: Final = "accounts.tasks.send_letters"
JOB: Final = "accounts.tasks.sweep_letters"
"""What letters are set aside by that cannot be claimed."""
SECONDS: Final = 5
"""How long one task goes on; then it lets others have the worker."""
WITH_OTHERS: Final = 1
"""How many seconds one goes on that was called for a letter: somebody waits for it, and the next is behind it."""
LEFT_AFTER: Final = timedelta(minutes=2)
"""After how long without anybody taking it a letter is sent by any worker at all."""


def send_with_others(pk: int) -> None:
    """Send one letter, and with it what else is due, for a while; nothing where that one is not to be had.

    A letter that is broken keeps this one from nobody: it is left to the sweep, which sets it aside.
    """
    stop = time.monotonic() + WITH_OTHERS
    with Post() as post:
        try:
            letters = claim_letters(pk, now=timezone.now())
        except UnclaimableError:
            letters = claim_letters(pk, most=1, now=timezone.now())
        _send(letters, post, is_over=lambda: time.monotonic() >= stop)


def send_due(run: Run) -> None:
    """Send every letter that is due, until the run is over."""
    with Post() as post:
        while not run.is_over:
            try:
                letters = claim_letters(now=timezone.now(), without=run.set_aside())
            except UnclaimableError as broken:
                run.fail(broken.letter, broken.cause)
                continue
            if not letters:
                return
            _send(letters, post, is_over=lambda: run.is_over, run=run)
    run.left = True


def _send(
    letters: "Sequence[ClaimedLetter]", post: Post, *, is_over: Callable[[], bool], run: Run | None = None
) -> None:
    """Send claimed letters one after another; what is not begun with in time is given back.

    So is the rest once the mail server takes none at all: one letter at a time finds out when it does again.
    """
    for number, letter in enumerate(letters):
        now = timezone.now()
        if number and (is_over() or is_stopping() or now > letter.due_at - LEASE + BEGIN_WITHIN):
            release(letters[number:], now=now)
            return
        if number and not is_still_waiting(letter):
            continue
        outcomes: list[DeliveryFault | None] = []
        act = partial(_send_one, letter, post, outcomes)
        if run is None:
            act()
        else:
            run.attempt(letter.pk, act)
        if DeliveryFault.SERVER in outcomes:
            release(letters[number + 1 :], now=timezone.now())
            return


def _send_one(letter: "ClaimedLetter", post: Post, outcomes: list[DeliveryFault | None]) -> None:
    outcomes.append(post.send(letter, now=timezone.now()))
