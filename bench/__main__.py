"""Run the benchmark: `python3 dev.py bench`."""

import argparse
import sys
import time
from collections.abc import Iterator

import django

from bench import report, site


def main() -> int:
    """Measure everything and print the table; returns 1 when a target is missed that counts, else 0."""
    options = _options()
    began = time.monotonic()
    with site.running() as running:
        django.setup()
        rows = [report.show(row) for row in measure(running, seconds=options.seconds)]
    missed = report.failed(rows, strict=options.strict)
    print(f"\n{time.monotonic() - began:.0f} s. In brackets: what depends on the machine; --strict makes it count.")
    for row in missed:
        print(f"MISSED: {row.what.strip()}", file=sys.stderr)
    return 1 if missed else 0


def measure(running: site.Site, *, seconds: float) -> Iterator[report.Row]:
    """Fill the database, then measure page by page, booking by booking, event by event."""
    # These need Django to be set up.
    from bench import bookings, events, pages
    from bench.data import World
    from bench.statements import Counter

    world = World()
    counter = Counter(running.environment["DATABASE_URL"])
    port = running.port
    yield from pages.schedule(port, world, counter, seconds=seconds)
    yield from pages.growth(port, world, counter)
    yield from bookings.one_client(port, world, counter)
    yield from bookings.many_clients(port, world, seconds=seconds)
    yield from bookings.race(port, world)
    shop = events.Shop(running, world.account, world.page)
    yield from events.stored(shop, counter)
    yield from events.followed(shop, counter)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev.py bench", description="Measure the site as it runs in production.")
    parser.add_argument("--seconds", type=float, default=8, help="how long each crowd is at work (default: 8)")
    parser.add_argument("--strict", action="store_true", help="fail also when something was slower than its target")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
