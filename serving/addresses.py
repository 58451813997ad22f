"""Addresses: which of them are this machine itself."""

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.types import Scope

from evertopic.errors import BadConfig

REMEMBERED = 1_024


def client_of(scope: Scope) -> str:
    """The address a request came from; empty where the server does not say (a Unix socket)."""
    client = scope.get("client")
    return str(client[0]) if client else ""


@lru_cache(REMEMBERED)
def is_loopback(address: str) -> bool:
    """True for addresses that only this machine reaches.

    >>> [is_loopback(a) for a in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "0.0.0.0", "10.0.0.1", "box")]
    [True, True, True, True, False, False, False]
    """
    try:
        found = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


@lru_cache(REMEMBERED)
def names_loopback(host: str) -> bool:
    """True when a Host header means this machine, whatever the port.

    A page of evil.example whose name was made to point at 127.0.0.1 still says evil.example here.

    >>> [names_loopback(host) for host in ("localhost:8000", "127.0.0.1", "[::1]:80", "evil.example", "localhost.a.b")]
    [True, True, True, False, False]
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or is_loopback(name)


def same_origin(origin: str, host: str, allowed: tuple[str, ...]) -> bool:
    """True when a page of `origin` is one of this service itself, asked for as `host`, or of those allowed.

    >>> same_origin("http://127.0.0.1:8000", "127.0.0.1:8000", ()), same_origin("null", "127.0.0.1:8000", ())
    (True, False)
    """
    return origin in (f"http://{host}", f"https://{host}") or origin in allowed


@lru_cache(REMEMBERED)
def group_of(address: str) -> str:
    """What counts as one address: an IPv6 user has a whole /64.

    >>> group_of("10.0.0.1"), group_of("2001:db8::1:2"), group_of("testclient")
    ('10.0.0.1', '2001:db8::/64', 'testclient')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


def resolve(host: str, port: int) -> list[tuple[socket.AddressFamily, str]]:
    """The addresses that `host` means on this machine.

    Raises:
        BadConfig: it means none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as fault:
        raise BadConfig(
            f"--host {host!r} is no address of this machine: {fault}. Give 127.0.0.1 or 0.0.0.0."
        ) from fault
    return [(family, str(address[0])) for family, _, _, _, address in found]
