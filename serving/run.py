"""The API as a process: from the first check to the last prediction in the log."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from evertopic.config import LoopConfig
from evertopic.environment import Environment
from serving.app import create_app
from serving.connections import PatientProtocol
from serving.listening import listen, require_keys, take_port
from serving.logs import start_logging

KEEP_ALIVE_S = 30
STOP_S = 10
"""For requests under way when the service is told to stop."""
INTERRUPTED = 130


def tell(sentence: str) -> None:
    """Writes a line for people to stderr: stdout belongs to the log."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def serve(
    config: LoopConfig,
    place: Environment,
    host: str,
    port: int,
    choice: str = "champion",
    say: Callable[[str], None] = tell,
) -> int:
    """Serves until told to stop; the exit code: 0 after SIGTERM, 130 after Ctrl-C. The log is drained first.

    Args:
        config: the loop whose model answers.
        place: where store, registry and lake are.
        host: a name or an address of this machine.
        port: 0 takes any that is free.
        choice: an alias, which is followed, or the number of a version.
        say: tells people where the service is.

    Raises:
        BadConfig: `host` reaches other machines and nobody needs a key, or EVERTOPIC_API_KEY is weak or empty.
        BadInput: there is no such model.
        Unavailable: the port is taken, the store or the registry does not answer.
    """
    require_keys(place, host, port)
    sockets = take_port(host, port)
    try:
        start_logging()
        app = create_app(config, place, choice=choice)
        return run(app, sockets, lambda: say(announcement(app, sockets)))
    finally:
        for taken in sockets:
            taken.close()


def run(app: FastAPI, sockets: list[socket.socket], ready: Callable[[], None]) -> int:
    """Answers on these sockets until SIGTERM (0) or Ctrl-C (130); `ready` is called once `app` has started.

    The application's own start and end are awaited here and not by uvicorn, which turns their faults into a log line.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=STOP_S,
        )
    )
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        return runner.run(_until_told(app, server, sockets, ready))


async def _until_told(
    app: FastAPI, server: uvicorn.Server, sockets: list[socket.socket], ready: Callable[[], None]
) -> int:
    with _signals(server) as told:
        try:
            async with app.router.lifespan_context(app):
                _settle()
                listen(sockets)
                ready()
                await server.serve(sockets)
        except asyncio.CancelledError:
            if not told:
                raise
    return INTERRUPTED if signal.SIGINT in told else 0


def _settle() -> None:
    """What was loaded until now is no garbage: looking through it again and again stops every request for 0.3 s."""
    gc.collect()
    gc.freeze()


@contextmanager
def _signals(server: uvicorn.Server) -> Iterator[list[signal.Signals]]:
    """Those that came. The first ends the service in order, or its start at once; a second Ctrl-C waits no more."""
    told: list[signal.Signals] = []
    loop, starting = asyncio.get_running_loop(), asyncio.current_task()

    def stop(number: signal.Signals) -> None:
        server.force_exit = server.force_exit or (bool(told) and number == signal.SIGINT)
        server.should_exit = True
        if not told and not server.started and starting is not None:
            starting.cancel()
        told.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        yield told
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def announcement(app: FastAPI, sockets: list[socket.socket]) -> str:
    """What answers, where, and to whom."""
    service = app.state.service
    model = service.holder.current
    host, port = sockets[0].getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    asked = f"@{model.alias}" if model.alias else ""
    who = (
        "Callers need an API key."
        if service.guard.needs_key
        else "No API key is needed, so only this machine may call; `evertopic keys make NAME --role ROLE` makes one."
    )
    return (
        f"{model.version.name}{asked}, version {model.version.version}, answers at {address}\n"
        f"  {address}/docs     try it out\n"
        f"  {address}/redoc    read about it\n"
        f"  {address}/metrics  for Prometheus\n"
        f"{who} Ctrl-C stops."
    )
