"""Run the benchmark: `python3 dev.py bench`."""

import argparse
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import django

from bench import document, page, report, site
from bench.report import Row

if TYPE_CHECKING:
    from bench.workbench import Workbench

Part = tuple[str, Callable[["Workbench"], Iterator[Row]]]


def main() -> int:
    """Measure, print the table and perhaps write it; returns 1 when a target is missed that counts, else 0."""
    options = _options()
    if options.scale:
        from bench.scale.run import run

        return run(options.scale, options.write)
    began = time.monotonic()
    report.show(report.HEAD)
    with site.running() as running:
        django.setup()
        # The only warnings of this process: logins that it makes without a request come from no address.
        logging.disable(logging.WARNING)
        from bench.workbench import Workbench

        bench = Workbench(running, options.seconds, options.rounds)
        rows = list(measure(bench, options.only))
    print(f"\n{time.monotonic() - began:.0f} s")
    _tell(rows)
    if options.write:
        document.put(options.write, "bench", page.written(rows, options.write))
    return 1 if report.failed(rows) else 0


def measure(bench: "Workbench", words: Sequence[str]) -> Iterator[Row]:
    """Every part whose name has one of the words in it, or all; what goes wrong in one is a failed row."""
    for name, part in parts():
        if words and not any(word.lower() in name for word in words):
            continue
        try:
            for row in part(bench):
                report.show(row.cells())
                yield row
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            traceback.print_exc()
            failed = Row(name, 0, error=repr(error))
            report.show(failed.cells())
            yield failed


def parts() -> list[Part]:
    """What is measured, in this order: the first page must come before the studio is connected to Stripe."""
    # These need Django to be set up.
    from bench import bookings, dashboard, events, imports, pages, races

    return [
        ("pages before stripe", pages.before_stripe),
        ("pages with memberships", pages.with_memberships),
        ("bookings alone", bookings.alone),
        ("bookings: connection held", bookings.held),
        ("bookings at one entry", bookings.at_one_entry),
        ("bookings at many entries", bookings.at_many_entries),
        ("race of 200", races.of_200),
        ("race of 1000", races.of_1000),
        ("events stored", events.stored),
        ("events followed", events.followed),
        ("dashboard", dashboard.pages),
        ("imports from stripe", imports.from_stripe),
        ("imports from a list", imports.from_list),
        ("imports: processor", imports.processor),
        ("imports: pasted addresses", imports.pasted),
    ]


def _tell(rows: Sequence[Row]) -> None:
    """Say what was missed, and whether the machine was disturbed."""
    if (load := report.disturbed(rows)) is not None:
        print(f"Other programs had up to {load:.0%} of the processors: measure again on a quiet machine.")
    for row in report.failed(rows):
        print(f"MISSED: {row.what.strip()} {row.error}".rstrip(), file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py bench",
        description="Measure the site as it runs in production, beside the least that Django does on this machine.",
    )
    parser.add_argument("--seconds", type=float, default=3, help="how long a crowd is at work in a round (default: 3)")
    parser.add_argument("--rounds", type=int, default=3, help="how many rounds (default: 3)")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="WORD", help="only parts that have such a word in their name"
    )
    parser.add_argument(
        "--scale",
        type=float,
        metavar="N",
        help="how cost grows instead: a studio of 10,000 N customers beside small ones",
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write table and picture into docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
