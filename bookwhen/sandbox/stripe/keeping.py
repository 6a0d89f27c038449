"""What the sandbox holds, kept in a file so that it outlives a restart, also one by SIGKILL.

The file is the sandbox's own and private: a pickle, in which an event that is still to be delivered stays the same
object as the event in its account.
"""

import logging
import pickle
import threading
from pathlib import Path
from typing import Any, Final

from bookwhen.sandbox.stripe.document import VERSION
from bookwhen.sandbox.stripe.errors import Json
from bookwhen.sandbox.stripe.platform import Platform
from bookwhen.sandbox.stripe.world import World

logger = logging.getLogger(__name__)

FORMAT: Final = (2, VERSION)
"""Change the number with the shape of what is kept: a file of another format is put aside."""
EVERY: Final = 0.5
"""Seconds between looks at whether there is something new to save."""


class Keeper:
    """Keeps a platform in a file: loads it at once, then saves it shortly after each change."""

    def __init__(self, platform: Platform, path: Path) -> None:
        self.platform = platform
        self.path = path
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stripe-sandbox-keeper", daemon=True)
        self._load()

    def start(self) -> None:
        """Begin to look for changes."""
        self._thread.start()

    def stop(self) -> None:
        """Save for the last time. Call it when nothing changes any more."""
        self._stopping.set()
        self._thread.join()
        self.save()

    def save(self) -> None:
        """Write the file, by way of another one: it is whole at every moment."""
        self.platform.touched.clear()
        with self.platform.lock:
            raw = pickle.dumps(state(self.platform))
        unfinished = self.path.with_name(f"{self.path.name}.new")
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(raw)
        unfinished.replace(self.path)

    def _run(self) -> None:
        while not self._stopping.wait(EVERY):
            if self.platform.touched.is_set():
                self.save()

    def _load(self) -> None:
        if not self.path.exists():
            return
        try:
            resume(self.platform, pickle.loads(self.path.read_bytes()))  # noqa: S301 - our own private file
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the file, the sandbox starts without it
            aside = self.path.with_name(f"{self.path.name}.unreadable")
            self.path.replace(aside)
            logger.warning("What was kept cannot be read (%r) and lies in %s; the sandbox begins empty.", error, aside)


def state(platform: Platform) -> Json:
    """Return what is kept, the objects themselves and no copies: hold the lock."""
    return {
        "format": FORMAT,
        "base": platform.base,
        "offset": platform.offset,
        "after_retries": platform.after_retries,
        "faults": platform.faults.kept(),
        "restricted": platform.restricted,
        "domains": platform.domains,
        "worlds": {
            key: {"name": world.name, "objects": world.objects, "notes": world.notes, "answered": world.answered}
            for key, world in platform.worlds.items()
        },
        "log": platform.deliveries.log,
        "unsent": platform.deliveries.unsent(),
    }


def resume(platform: Platform, kept: Json) -> None:
    """Go on from what was kept; raises an exception, with nothing changed, when it is not what `state` returns."""
    if kept["format"] != FORMAT:
        message = f"its format is {kept['format']}, not {FORMAT}"
        raise ValueError(message)
    if kept["base"] != platform.base:
        move(kept["worlds"], kept["base"], platform.base)
    worlds = {key: _world(platform, key, each) for key, each in kept["worlds"].items()}
    offset, rule, faults, log, unsent = (kept[key] for key in ("offset", "after_retries", "faults", "log", "unsent"))
    platform.worlds, platform.offset, platform.after_retries = worlds, offset, rule
    platform.restricted, platform.domains = kept.get("restricted", {}), kept.get("domains", {})
    platform.faults.resume(faults)
    platform.deliveries.resume(log, unsent)


def _world(platform: Platform, key: str, kept: Json) -> World:
    world = World(platform, key)
    world.name, world.notes, world.answered = kept["name"], kept["notes"], kept["answered"]
    world.objects |= kept["objects"]
    return world


def move(kept: Any, old: str, new: str) -> None:  # noqa: ANN401 - whatever objects are made of
    """Let the addresses of hosted pages lead to where the sandbox is now."""
    items = kept.items() if isinstance(kept, dict) else enumerate(kept)
    for key, value in list(items):
        if isinstance(value, dict | list | tuple):
            move(value, old, new)
        elif isinstance(value, str) and value.startswith(f"{old}/"):
            kept[key] = new + value.removeprefix(old)
