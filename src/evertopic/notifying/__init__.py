"""Telling people: which notices go out, how they read, and to whom."""

from evertopic.notifying.receivers import Receiver, read_receivers, send
from evertopic.notifying.rule import NotifyRule

__all__ = ["NotifyRule", "Receiver", "read_receivers", "send"]
