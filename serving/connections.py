"""Connections that do not wait for ever: uvicorn bounds neither the time nor the size of a request's head."""

import asyncio
import resource
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

PATIENCE_S = 10.0
HEAD_BYTES = 32_768
MOST_CONNECTIONS = 10_000


def most_connections() -> int:
    """How many there may be at once: half of the files this process may open, the rest is for databases and models."""
    return min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


class PatientProtocol(HttpToolsProtocol):
    """Uvicorn's protocol; a head may take 10 s and 32,768 bytes, and so may the rest of a body after its answer.

    That rest is read and thrown away, because a client that is still sending would not see an answer (401, 413) after
    which the connection ends. A connection beyond the most there may be is closed at once.
    """

    most = most_connections()
    patience_s = PATIENCE_S

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._deadline: asyncio.TimerHandle | None = None
        self._head: int | None = None
        """Bytes of the head that is coming; None while none is."""
        self._body_comes = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there; its first head is waited for from now on."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came; those of a head are counted."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n")
                self.transport.close()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        if self._head is None:
            self._await_head()

    def on_headers_complete(self) -> None:
        """A head is there."""
        self._wait_no_more()
        self._body_comes = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is there."""
        self._body_comes = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is out, perhaps before the whole body is in."""
        super().on_response_complete()
        if self._body_comes:
            self._wait()

    def _await_head(self) -> None:
        self._wait()
        self._head = 0

    def _wait(self) -> None:
        self._wait_no_more()
        self._deadline = self.loop.call_later(self.patience_s, self.transport.close)

    def _wait_no_more(self) -> None:
        self._head = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
