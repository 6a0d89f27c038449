"""TCP ports of 127.0.0.1."""

import random
import socket
from contextlib import closing

# Below the ports that the kernel hands to outgoing connections, so that none of those takes the one we chose.
RANGE = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Say whether a server could listen on the port now."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that is free now; parallel runs will hardly choose the same."""
    # Not the seeded generator: test runs seed it alike.
    chance = random.SystemRandom()
    while not is_free(port := chance.choice(RANGE)):
        pass
    return port
