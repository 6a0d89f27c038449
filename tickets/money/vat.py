"""VAT that is in what was charged: pure arithmetic in whole minor units, with no clock and no database.

Prices include VAT. What is told is the VAT of a *total*: of all that was charged, less what was given back, for one
thing at one rate. A line carries by how much that changes. So each line is rounded once, parts of a refund add up to
the VAT that was charged to the penny, and what was given back whole leaves none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

WHOLE: Final = 10_000
"""100 % in basis points."""

K = TypeVar("K")


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """A rate as a receipt says it: what the studio calls it, and basis points (2000: 20 %); None: no VAT is charged."""

    name: str = ""
    basis_points: int | None = None


NO_VAT: Final = Rate()


@dataclass(frozen=True, slots=True)
class Charge:
    """Some money for a thing (the id of a seat; None: for none that is known): below 0, given back."""

    seat: int | None
    amount: int


@dataclass(frozen=True, slots=True)
class Charged:
    """What receipts have come to so far for a thing at a rate."""

    seat: int | None
    rate: Rate
    total: int


@dataclass(frozen=True, slots=True)
class TaxedLine:
    """A line of a receipt: gross, and the VAT in it (None: no VAT is charged); both signed, in minor units."""

    seat: int | None
    rate: Rate
    amount: int
    vat: int | None


def vat_of(gross: int, basis_points: int) -> int:
    """The VAT in a gross amount of minor units: gross * rate / (100 % + rate), half of a unit away from zero."""
    share, rest = divmod(abs(gross) * basis_points, WHOLE + basis_points)
    found = share + (2 * rest >= WHOLE + basis_points)
    return -found if gross < 0 else found


def vat_of_change(before: int, amount: int, basis_points: int) -> int:
    """By how much the VAT changes where a total of gross minor units becomes that much more (or less)."""
    return vat_of(before + amount, basis_points) - vat_of(before, basis_points)


def spread(amount: int, among: Mapping[K, int]) -> dict[K, int]:
    """Divide an amount (from 0 to their sum) by what each has, none getting more than that; nothing is left over.

    What the division leaves goes to those whose part was cut most, the first of them where that is equal.
    """
    whole = sum(among.values())
    parts = {key: divmod(amount * has, whole) for key, has in among.items() if has} if whole else {}
    given = {key: part for key, (part, _rest) in parts.items()}
    left = amount - sum(given.values())
    for key in sorted(parts, key=lambda key: -parts[key][1])[:left]:
        given[key] += 1
    return {key: part for key, part in given.items() if part}


def tax(
    amount: int, charges: Iterable[Charge], charged: Iterable[Charged], rates: Mapping[int | None, Rate]
) -> list[TaxedLine]:
    """The lines of a receipt over an amount (below 0: a credit note).

    `charges` say what it is for; what they leave is for nothing known (`None`), or, given back, for all of what was
    `charged` in proportion. What is given back has the rates at which it was charged; the rest those of `rates` (by
    seat; `None` for what names none, and for seats that are not there).
    """
    totals = {(each.seat, each.rate): each.total for each in charged}
    lines: dict[tuple[int | None, Rate], int] = {}
    rest = amount
    for charge in charges:
        rest -= charge.amount
        for key, part in _at_rates(charge, totals, lines, rates):
            lines[key] = lines.get(key, 0) + part
    for key, part in _for_rest(rest, totals, lines, rates):
        lines[key] = lines.get(key, 0) + part
    return [_line(key, part, totals.get(key, 0)) for key, part in lines.items() if part]


def _line(key: tuple[int | None, Rate], amount: int, before: int) -> TaxedLine:
    seat, rate = key
    points = rate.basis_points
    return TaxedLine(seat, rate, amount, None if points is None else vat_of_change(before, amount, points))


_Totals = Mapping[tuple[int | None, Rate], int]


def _left(totals: _Totals, lines: _Totals) -> dict[tuple[int | None, Rate], int]:
    """What could still be given back of each."""
    each = {key: total + lines.get(key, 0) for key, total in totals.items()}
    return {key: left for key, left in each.items() if left > 0}


def _at_rates(
    charge: Charge, totals: _Totals, lines: _Totals, rates: Mapping[int | None, Rate]
) -> Sequence[tuple[tuple[int | None, Rate], int]]:
    """A charge by rate: what is given back at the rates at which most was charged."""
    usual = (charge.seat, rates.get(charge.seat, rates.get(None, NO_VAT)))
    known = [key for key in totals if key[0] == charge.seat and charge.seat is not None]
    # Who has registered for VAT since charges it from now on.
    usual = next((key for key in known if key[1] != NO_VAT), usual)
    if charge.amount >= 0:
        return [(usual, charge.amount)]
    back, parts = -charge.amount, []
    theirs = {key: left for key, left in _left(totals, lines).items() if key[0] == charge.seat}
    for key in sorted(theirs, key=lambda key: -theirs[key]):
        part = min(back, theirs[key])
        parts.append((key, -part))
        back -= part
    return [*parts, (usual, -back)]


def _for_rest(
    rest: int, totals: _Totals, lines: _Totals, rates: Mapping[int | None, Rate]
) -> Sequence[tuple[tuple[int | None, Rate], int]]:
    """What no charge names."""
    usual = (None, rates.get(None, NO_VAT))
    if rest >= 0:
        return [(usual, rest)]
    left = _left(totals, lines)
    back = min(-rest, sum(left.values()))
    return [*((key, -part) for key, part in spread(back, left).items()), (usual, rest + back)]
