"""Build the data set in the database of the environment and measure everything in it: a line of JSON for each act.

`python -m bench.scale N`, or with `--alone` for small studios only. `dev.py bench --scale N` does both and compares.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterator

import django
from django.conf import settings


def main() -> None:
    """Build, measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("scale", type=float)
    parser.add_argument("--alone", action="store_true", help="leave the big studio out")
    parser.add_argument("--built", action="store_true", help="the data set is there already")
    parser.add_argument("--only", default="", help="only pages and jobs that have this in their name")
    options = parser.parse_args()
    django.setup()
    logging.disable(logging.CRITICAL)
    settings.COPIES_ARE_QUIET = False
    settings.ALLOWED_HOSTS = ["testserver"]  # what Django's own client asks for

    from django.utils import timezone

    from bench.scale import dataset

    if not options.built:
        dataset.build(options.scale, now=timezone.now(), big=not options.alone, say=_say)
    for where, told in _measured(options.only, alone=options.alone):
        print(json.dumps({"where": where, **told}), flush=True)


def _measured(only: str, *, alone: bool) -> Iterator[tuple[str, dict[str, object]]]:
    from bench.scale import dataset
    from bench.scale.addresses import Studio
    from bench.scale.jobs import measure_jobs
    from bench.scale.pages import Visitor

    for where, slug in (("small", dataset.SMALL), *(() if alone else (("big", dataset.BIG),))):
        for each in Visitor(Studio(dataset.studio(slug))).measure(only):
            yield where, each.told()
    for each in measure_jobs(dataset.studio(dataset.SMALL)):
        if only in each.label:
            yield "jobs", each.told()


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
