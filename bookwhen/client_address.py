"""Where a request comes from: the one place that knows the visitor's network address.

A proxy appends the address that connected to it to `X-Forwarded-For`, and what stands before that anybody can
write. So the header is read from the right, by the number of our own proxies (`TRUSTED_PROXIES`); without one, the
address is the connection's own. No request is refused because its address cannot be read.
"""

import logging
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - what Django calls it
from django.http import HttpRequest

UNKNOWN: Final = "0.0.0.0"  # noqa: S104 - the address that says "none", not one that is listened on
"""What stands for a visitor whose address cannot be read: all of them count as one."""
NETWORK_BITS: Final = 64
"""How much of an IPv6 address names the network: anyone has all the addresses of theirs (RFC 6177)."""
LONGEST: Final = 100
"""More than any address with its zone and port is long."""

log = logging.getLogger(__name__)


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address, without port or zone; `UNKNOWN` where neither header nor connection says one."""
    found = _client_address(request)
    return UNKNOWN if found is None else str(found)


def client_network(request: HttpRequest) -> str:
    """What a visitor is counted by: their IPv4 address or their IPv6 network; `UNKNOWN` as in `client_address`."""
    found = _client_address(request)
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, NETWORK_BITS), strict=False))
    return UNKNOWN if found is None else str(found)


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in one hop of `X-Forwarded-For`, which may have a port, brackets or a zone; None where there is none.

    An IPv4 address that is written as IPv6 is the IPv4 address.
    """
    text = text[:LONGEST].strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _client_address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    peer = read_address(request.META.get("REMOTE_ADDR") or "")
    # Who connects through a socket in the file system is a proxy of ours, whatever the setting says.
    proxies = settings.TRUSTED_PROXIES or int(peer is None)
    if not proxies:
        return peer
    hops = request.headers.get("x-forwarded-for", "").split(",")
    found = read_address(hops[-proxies]) if len(hops) >= proxies else None
    if found is None:
        # Not the address that connected: if that is a proxy of ours, it is everybody.
        warn_once(proxies)
    return found


@cache
def warn_once(proxies: int) -> None:
    """Say in the log, once a process, that visitors cannot be told apart, and which setting is wrong."""
    log.warning(
        "A request came without a visitor's address in X-Forwarded-For, where %d trusted proxies would put one. Set"
        " TRUSTED_PROXIES to how many proxies of yours are in front, and let each append to that header. Such visitors"
        " count as one.",
        proxies,
    )


@register(Tags.security, deploy=True)
def check_trusted_proxies(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:  # noqa: ANN401, ARG001 - Django's
    """Warn of a site that is reached by https, and so through a proxy, but trusts none."""
    if not settings.SITE_URL.startswith("https://") or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "SITE_URL is https, but TRUSTED_PROXIES is 0: behind a proxy all visitors count as one, and are refused"
            " together.",
            hint="Set TRUSTED_PROXIES to how many proxies of yours are in front, or leave it out for one.",
            id="bookwhen.W001",
        )
    ]
