"""What cells of several lists say in a few words."""

from collections.abc import Iterable

from tickets.models import Seat


def tickets_text(seats: Iterable[Seat]) -> str:
    """What seats (with their entries and tickets) are for, in one line."""
    counts: dict[str, int] = {}
    for seat in sorted(seats, key=lambda seat: seat.pk):
        words = f"{seat.entry.title}: {seat.ticket.name}"
        counts[words] = counts.get(words, 0) + 1
    return "; ".join(words if count == 1 else f"{count} x {words}" for words, count in counts.items())
