"""What groups tell those above them, always in the transaction of the change, with the rows it concerns held.

A receiver that raises stops the change. Slow work belongs into a task.
"""

from typing import Final

from django.dispatch import Signal

counting_changed: Final = Signal()
"""What a member's uses are counted by may be another now: `member` (id), `now`. Sent by Member."""

standing_ended: Final = Signal()
"""A subscription's ground ended for good: `member` (Member), `ground` (UUID), `at` (the end, not after `now`), `now`.

Told again whenever that end is told again, always with the same `at`. Sent by Member.
"""

standing_moved: Final = Signal()
"""A subscription's ground has moved on to another group: `source` and `target` (Members), `ground` (UUID),
`keeps_bookings`, `now`. Sent by Member, once the new standing is open and before anybody hears that the old one ended.

What was booked in the old group goes on as the new one allows. Bookings that it does not cover are kept, unless
`keeps_bookings` is false: then `standing_ended` follows.
"""

group_archiving: Final = Signal()
"""A group is about to be put to rest: `group` (its row is held), `now`. Sent by Group.

Who uses it refuses by raising a GroupInUseError (`groups.catalogue`).
"""

standing_withdrawing: Final = Signal()
"""A standing that somebody was given at `since` is about to be taken back as if it had never been, and they stand on no
other: `member` (id), `since`, `now`. Sent by Member.

Who has something that was booked by it refuses by raising a StandingUsedError (`groups.services`).
"""
