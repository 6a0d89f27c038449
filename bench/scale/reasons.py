"""Why some pages and jobs may read more of a larger studio, in words of the table; all others have no excuse."""

from typing import Final

REASONS: Final[dict[str, str]] = {}
"""By what they are called."""
