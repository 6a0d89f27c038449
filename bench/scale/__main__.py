"""Build the data set in the database of the environment and measure everything in it: a line of JSON for each act.

`python -m bench.scale N`, or with `--before` without the largest studio. `dev.py bench --scale N` compares both.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import django
from django.conf import settings

from bench.scale.judging import AS_PLANNED, BEFORE, JOBS, QUARTER, SMALL, WHOLE

if TYPE_CHECKING:
    from bench.scale.pages import Measured


def main() -> None:
    """Build, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("scale", type=float)
    parser.add_argument("--before", action="store_true", help="leave the largest studio out")
    parser.add_argument("--built", action="store_true", help="the data set is there already")
    parser.add_argument("--as-planned", action="store_true", help="only what the planner chooses in the largest studio")
    parser.add_argument("--only", default="", help="only pages that have this in their name, and no jobs")
    options = parser.parse_args()
    django.setup()
    logging.disable(logging.CRITICAL)
    settings.COPIES_ARE_QUIET = False
    settings.ALLOWED_HOSTS = ["testserver"]  # what Django's own client asks for
    if not options.built:
        _build(options.scale, before=options.before)
    _ask_for_indexes(asked=not options.as_planned)
    measure = _planned if options.as_planned else _by_index
    for where, told in measure(options.only, before=options.before):
        print(json.dumps({"where": where, **told}), flush=True)


def _build(scale: float, *, before: bool) -> None:
    from django.utils import timezone

    from bench.scale import dataset

    grown = {dataset.QUARTER: scale / 4} | ({} if before else {dataset.BIG: scale})
    dataset.build(scale, now=timezone.now(), grown=grown, say=_say)


def _by_index(only: str, *, before: bool) -> Iterator[tuple[str, dict[str, object]]]:
    """What is counted: every page where studios are compared, and jobs."""
    from bench.scale import dataset
    from bench.scale.addresses import Studio
    from bench.scale.jobs import measure_by_row, measure_due, measure_jobs
    from bench.scale.pages import Visitor

    small, quarter = dataset.studio(dataset.SMALL), dataset.studio(dataset.QUARTER)
    if before:
        yield from _told(BEFORE, Visitor(Studio(small), times=1).measure(only))
    else:
        big = dataset.studio(dataset.BIG)
        for where, account in ((SMALL, small), (QUARTER, quarter), (WHOLE, big)):
            yield from _told(where, Visitor(Studio(account), times=1).measure(only))
    if only:
        return
    if not before:
        for where, account in ((QUARTER, quarter), (WHOLE, big)):
            yield from _told(where, measure_due(account))
    yield from _told(JOBS, measure_jobs(small))
    yield from _told(JOBS, measure_by_row(whole_tables=False))


def _planned(only: str, *, before: bool) -> Iterator[tuple[str, dict[str, object]]]:
    """What is timed: pages of the largest studio as they are in life, and what looks at everything."""
    from bench.scale import dataset
    from bench.scale.addresses import Studio
    from bench.scale.jobs import measure_by_row
    from bench.scale.pages import Visitor

    if not before:
        yield from _told(AS_PLANNED, Visitor(Studio(dataset.studio(dataset.BIG)), times=1).measure(only))
    if not only:
        yield from _told(JOBS, measure_by_row(whole_tables=True))


def _told(where: str, measured: "Iterable[Measured]") -> Iterator[tuple[str, dict[str, object]]]:
    for each in measured:
        yield where, each.told()


def _ask_for_indexes(*, asked: bool) -> None:
    """Have tables of this size be read as large ones are: by an index wherever there is one. Or as PostgreSQL likes."""
    from django.db import connection

    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        for setting in ("enable_seqscan", "jit"):
            cursor.execute(f'ALTER DATABASE "{name}" {f"SET {setting} = off" if asked else f"RESET {setting}"}')
    connection.close()


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
