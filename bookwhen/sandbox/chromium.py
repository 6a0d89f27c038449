"""The Chromium that the browser journeys drive."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC: Final = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
PLAYWRIGHTS: Final = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")

FLAGS: Final = (
    "--no-sandbox",  # where we are root there is no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> str | None:
    """Return the program: CHROMIUM, else the machine's, else Playwright's own; None where there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    on_path = (shutil.which(name) for name in NAMES)
    return next((found for found in (*on_path, *_elsewhere()) if found), None)


def _elsewhere() -> list[str]:
    caches = [os.environ.get("PLAYWRIGHT_BROWSERS_PATH"), "~/.cache/ms-playwright", "~/Library/Caches/ms-playwright"]
    own = [
        str(path)
        for cache in caches
        if cache
        for pattern in PLAYWRIGHTS
        for path in sorted(Path(cache).expanduser().glob(pattern))
    ]
    return [path for path in (MAC, *reversed(own)) if Path(path).exists()]


def install() -> None:
    """Install Debian's chromium where that is ours to do: as root, with apt-get. Elsewhere do nothing."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print("Installing Debian's chromium for the browser journeys (once) ...", flush=True)
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "chromium"]):
        done = subprocess.run(  # noqa: S603
            ["apt-get", "-qq", *arguments],  # noqa: S607
            check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            stdout=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            print(f"apt-get {arguments[0]} failed (exit {done.returncode}); going on without.", flush=True)
            return
