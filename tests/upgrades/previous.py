"""The release before this one, as the history of this checkout has it."""

import io
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
COMMIT: Final = (ROOT / "deploy" / "previous-release").read_text().strip()


def is_known() -> bool:
    """Say whether the history reaches back to it."""
    asked = ["git", "cat-file", "-e", f"{COMMIT}^{{commit}}"]
    try:
        return subprocess.run(asked, cwd=ROOT, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def unpack(folder: Path) -> None:
    """Put its files into a folder."""
    asked = ["git", "archive", COMMIT]
    packed = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")


def environment(**more: str) -> dict[str, str]:
    """What a process of it is started with: ours, without what pytest and Django have put there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_SETTINGS"))}
    return kept | more
