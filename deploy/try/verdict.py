"""What was acknowledged against what is stored, and the table of it."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from load import Booked, Told
from stack import Stack
from studio import Letters

STORED: Final = """
    SELECT b.uuid, count(s.id) FROM tickets_booking b JOIN tickets_seat s ON s.booking_id = b.id
    WHERE b.state = 'booked' AND s.cancelled_at IS NULL GROUP BY b.uuid
"""
SEATS: Final = "SELECT attendee_email FROM tickets_seat WHERE cancelled_at IS NULL"
WRONG_COUNTERS: Final = """
    SELECT e.title, p.taken, p.capacity, count(s.id) FROM tickets_entry e
    JOIN tickets_entryplaces p ON p.entry_id = e.id
    LEFT JOIN tickets_seat s ON s.entry_id = e.id AND s.cancelled_at IS NULL
    GROUP BY e.id, p.entry_id HAVING p.taken > p.capacity OR p.taken <> count(s.id)
"""
LETTERS_WAIT: Final = 200
COLUMNS: Final = (
    ("step", 44), ("acknowledged", 13), ("stored", 7), ("doubled", 8), ("errors", 7), ("silent s", 9),
    ("longest wait s", 15), ("by hand", 0),
)  # fmt: skip


@dataclass(slots=True)
class Result:
    """What one step showed; `problems` is what must not be."""

    name: str
    told: Told | None = None
    hand: str = ""
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stored: int = 0
    doubled: int = 0

    def line(self) -> str:
        """The step as a line of the table."""
        told = self.told
        cells = [self.name]
        if told:
            cells += [str(len(told.booked)), str(self.stored), str(self.doubled), str(len(told.errors))]
            cells += [f"{told.silence:.1f}", f"{told.wait:.1f}", self.hand or "nothing"]
        else:
            cells += ["", "", "", "", "", "", self.hand]
        text = "".join(cell.ljust(width) for cell, (_title, width) in zip(cells, COLUMNS, strict=True)).rstrip()
        return "\n".join(
            [text, *(f"    {note}" for note in self.notes), *(f"    WRONG: {each}" for each in self.problems)]
        )


def compare(stack: Stack, result: Result) -> None:
    """Look up each acknowledged booking of a step, and count every place of every entry again."""
    told = result.told
    if told is None:
        return
    stored = {row[0]: int(row[1]) for row in stack.rows(STORED)}
    seats = Counter(row[0] for row in stack.rows(SEATS))
    lost = [booked for booked in told.booked if stored.get(booked.number) != 1]
    twice = [booked.address for booked in told.booked if seats[booked.address] > 1]
    result.stored, result.doubled = len(told.booked) - len(lost), len(twice)
    result.problems += [f"acknowledged, but not stored as one place: {booked}" for booked in lost]
    result.problems += [f"booked more than once: {address}" for address in twice]
    result.problems += [f"counted wrongly: {', '.join(row)}" for row in stack.rows(WRONG_COUNTERS)]
    result.problems += [f"refused: {text}" for text in told.refused]
    result.problems += [f"gave up: {text}" for text in told.gave_up]
    if not told.booked:
        result.problems.append("nobody could book")
    if told.full:
        result.notes.append(f"{told.full} came too late for the small event, which is sold out and no more")
    if told.expired:
        result.notes.append(f"{told.expired} had an old release's form, were told that it has expired, and began again")
    if told.errors:
        kinds = Counter(text[:110] for text in told.errors)
        result.notes += [f"tried again after: {count} times {text}" for text, count in kinds.most_common(4)]


def check_letters(stack: Stack, booked: list[Booked]) -> Result:
    """Wait until each who booked has their email, and count them."""
    result = Result("emails")
    letters = Letters(stack.mail)
    until = time.monotonic() + LETTERS_WAIT
    while True:
        sent = letters.recipients()
        missing = [each.address for each in booked if not sent.get(each.address)]
        if not missing or time.monotonic() > until:
            break
        time.sleep(2)
    twice = [each.address for each in booked if sent.get(each.address, 0) > 1]
    have = len(booked) - len(missing)
    result.notes.append(f"{len(booked)} booked: {have} have their email, {len(twice)} have it twice")
    result.problems += [f"no email within {LETTERS_WAIT} s: {address}" for address in missing]
    result.problems += [f"more than one email: {address}" for address in twice]
    return result


def table(results: list[Result], stand_ins: list[str]) -> str:
    """The report as a person reads it."""
    booked = sum(len(result.told.booked) for result in results if result.told)
    stored = sum(result.stored for result in results)
    doubled = sum(result.doubled for result in results)
    wrong = sum(len(result.problems) for result in results)
    return "\n".join(
        [
            "Stand-ins, made from Debian 13 and wheels: " + (", ".join(stand_ins) or "none"),
            "",
            "".join(title.ljust(width) for title, width in COLUMNS),
            *(result.line() for result in results),
            "",
            f"Acknowledged {booked}, stored {stored}, doubled {doubled}. Things that are wrong: {wrong}.",
        ]
    )
