"""Where the API may listen: who needs a key there, and is the port free."""

import errno
import socket
from contextlib import closing

from evertopic.environment import Environment
from evertopic.errors import BadConfig, Unavailable
from evertopic.storage.store import open_store
from serving.addresses import is_loopback, resolve
from serving.strength import weakness

BACKLOG = 2_048


def require_keys(place: Environment, host: str, port: int = 0) -> None:
    """Passes where the service may be reached at `host`: on this machine only, or by those with a key.

    A weak EVERTOPIC_API_KEY is refused everywhere, for a tunnel or a proxy opens loopback too; an empty one passes on
    loopback, where it is as good as none.

    Raises:
        BadConfig: it may not.
        Unavailable: the store, which has the keys, does not answer.
    """
    local = all(is_loopback(address) for _, address in resolve(host, port))
    secret = None if place.api_key is None else place.api_key.get_secret_value()
    if secret:
        found = weakness(secret)
        if found is not None:
            raise BadConfig(
                f"EVERTOPIC_API_KEY {found}: set it to 256 random bits, as "
                '`python -c "import secrets; print(secrets.token_urlsafe(32))"` prints them, or unset it.'
            )
    elif secret == "" and not local:
        raise BadConfig(
            f"EVERTOPIC_API_KEY is set and empty, and {host} reaches other machines: a secret did not arrive here. "
            "Give it its value, or unset it to count on the keys of the store alone."
        )
    elif not local:
        with closing(open_store(place.store_url)) as store:
            if not store.api_keys.digests():
                raise BadConfig(
                    f"{host} reaches other machines, and there are no API keys: everybody could read and teach this "
                    "model. Make one by `evertopic keys make NAME --role ROLE`, or set EVERTOPIC_API_KEY, or listen on "
                    "127.0.0.1."
                )


def take_port(host: str, port: int) -> list[socket.socket]:
    """Sockets on every address that `host` means, on one port; nobody can connect before they listen.

    Raises:
        BadConfig: `host` is no address of this machine.
        Unavailable: the port is taken, or not for us.
    """
    taken: list[socket.socket] = []
    for family, address in resolve(host, port):
        opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            opened.bind((address, taken[0].getsockname()[1] if taken else port))
        except OSError as fault:
            opened.close()
            if fault.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                continue  # localhost also means ::1, which not every machine has
            for other in taken:
                other.close()
            raise _taken(host, port, fault) from fault
        taken.append(opened)
    if not taken:
        raise BadConfig(f"--host {host!r} is no address of this machine: give 127.0.0.1, or 0.0.0.0 for all of them.")
    return taken


def listen(sockets: list[socket.socket]) -> None:
    """Lets clients connect.

    Raises:
        Unavailable: somebody else began to listen there since the ports were taken.
    """
    for opened in sockets:
        host, port = opened.getsockname()[:2]
        try:
            opened.listen(BACKLOG)
        except OSError as fault:
            raise _taken(host, port, fault) from fault


def _taken(host: str, port: int, fault: OSError) -> Unavailable:
    if fault.errno == errno.EACCES:
        return Unavailable(f"Port {port} of {host} is not for you: choose one from 1024 on by --port.")
    return Unavailable(
        f"Port {port} of {host} is taken ({fault.strerror}): stop what listens there (another `evertopic serve`?) or "
        "choose another port by --port."
    )
