"""How a replica is connected to."""

from typing import Any, Final

REPLICA: Final = "replica"
"""The alias of the connection."""
CONNECT_SECONDS: Final = 2
"""How long connecting may take; a whole number, as libpq wants it."""


def replica_settings(primary: dict[str, Any], url: dict[str, Any]) -> dict[str, Any]:
    """The settings of the connection: as the primary's, but each thread keeps its own, and gives up soon.

    There is no pool, which would hand out broken connections one after another once the replica was away.
    """
    options = {name: value for name, value in primary.get("OPTIONS", {}).items() if name != "pool"}
    own = url.get("OPTIONS", {})
    return {
        **url,
        "ENGINE": primary["ENGINE"],
        "DISABLE_SERVER_SIDE_CURSORS": primary["DISABLE_SERVER_SIDE_CURSORS"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {**options, "connect_timeout": CONNECT_SECONDS, **own},
        "TEST": {"MIRROR": "default"},
    }
