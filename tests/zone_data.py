"""Time zones whose rules change: TZif files in a folder that Python looks into first."""

import shutil
import zoneinfo
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import icalendar


@contextmanager
def clocks_of(**others: str) -> Generator[None]:
    """Let zones have the clocks of others, as new time-zone data would say: `clocks_of(**{"Europe/London": "CET"})`.

    A name that nobody knew is known to Python meanwhile, but not to PostgreSQL.
    """
    before = zoneinfo.TZPATH
    with TemporaryDirectory() as folder:
        for name, other in others.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with files("tzdata").joinpath("zoneinfo", other).open("rb") as data, path.open("wb") as copy:
                shutil.copyfileobj(data, copy)
        _look_into([folder])
        try:
            yield
        finally:
            _look_into(before)


def _look_into(folders: Sequence[str]) -> None:
    """As a process does that starts with these."""
    zoneinfo.reset_tzpath(folders)
    zoneinfo.ZoneInfo.clear_cache()
    icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]
