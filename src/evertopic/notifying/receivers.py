"""To whom notices go: everything that the library apprise knows an address for."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from evertopic.errors import BadConfig
from evertopic.notifying.rendering import as_markdown, as_text, headline
from evertopic.records import Delivery, Notice, Severity

if TYPE_CHECKING:
    from apprise import Apprise, NotifyType

VARIABLE = "EVERTOPIC_NOTIFY"


@dataclass(frozen=True, slots=True)
class Receiver:
    """One address; its text stays in here."""

    position: int
    """In EVERTOPIC_NOTIFY, from 1."""
    scheme: str
    _opened: "Apprise"

    def __repr__(self) -> str:
        """Position and scheme: all of an address that is no secret."""
        return f"Receiver({self.position}, {self.scheme})"

    def send(self, notice: Notice) -> Delivery:
        """Whether it arrived. A receiver that is away costs some seconds, and raises nothing."""
        from apprise import NotifyFormat

        # For mails in HTML apprise itself makes a page of plain text, and no mark-up of what documents brought along.
        marked = next(iter(self._opened)).notify_format == NotifyFormat.MARKDOWN
        body = as_markdown(notice) if marked else as_text(notice)
        written = NotifyFormat.MARKDOWN if marked else NotifyFormat.TEXT
        title, kind = headline(notice), _kind(notice.severity)
        # Apprise takes no message without a body.
        arrived = self._opened.notify(body=body or title, title=title, notify_type=kind, body_format=written)
        return Delivery(self.position, self.scheme, bool(arrived))


def read_receivers(addresses: SecretStr | None) -> tuple[Receiver, ...]:
    """The receivers that the addresses name, parted by blanks; none without a variable.

    Raises:
        BadConfig: some are no addresses that apprise knows; they are named by their position and never shown.
    """
    parts = addresses.get_secret_value().split() if addresses is not None else []
    opened = [(position, part.partition("://")[0].lower(), _open(part)) for position, part in enumerate(parts, 1)]
    bad = [str(position) for position, _, one in opened if one is None]
    if bad:
        raise BadConfig(
            f"{VARIABLE} holds {len(parts)} addresses, and apprise knows no service for number {', '.join(bad)} "
            "(not shown, they are secrets): addresses begin with a scheme such as slack://, mailtos://, msteams:// or "
            "json://, as https://github.com/caronc/apprise/wiki lists them, and are parted by blanks."
        )
    return tuple(Receiver(position, scheme, one) for position, scheme, one in opened if one is not None)


def send(receivers: Sequence[Receiver], notice: Notice) -> tuple[Delivery, ...]:
    """How each receiver took it, one after the other."""
    return tuple(receiver.send(notice) for receiver in receivers)


def _open(address: str) -> "Apprise | None":
    from apprise import Apprise

    # It writes addresses and parts of them into its log; what came of a delivery is told without them.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    opened = Apprise()
    return opened if opened.add(address) and len(opened) == 1 else None


def _kind(severity: Severity) -> "NotifyType":
    from apprise import NotifyType

    kinds = {"info": NotifyType.INFO, "warning": NotifyType.WARNING, "critical": NotifyType.FAILURE}
    return kinds[severity]
