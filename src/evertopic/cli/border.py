"""The border to the shell: faults become one line and an exit code."""

from typing import Any

import typer
from typer.core import TyperGroup

from evertopic.cli.consoles import aside, complain
from evertopic.errors import EvertopicError

INTERRUPTED = 130
UNEXPECTED = 1


class Border(TyperGroup):
    """Runs a command; a fault of ours ends with its own exit code, Ctrl-C with 130, anything else with 1."""

    def invoke(self, ctx: Any) -> Any:
        """The answer of the command."""
        try:
            return super().invoke(ctx)
        except EvertopicError as fault:
            complain(str(fault))
            raise typer.Exit(fault.exit_code) from None
        except KeyboardInterrupt:
            complain("Stopped. What was finished is kept: the same command goes on from there.")
            raise typer.Exit(INTERRUPTED) from None
        except Exception as fault:
            # Typer's own: leaving early, and faults of the command line, which carry the way they are shown.
            if isinstance(fault, typer.Exit | typer.Abort) or hasattr(fault, "show"):
                raise
            _unexpected(ctx, fault)
            raise typer.Exit(UNEXPECTED) from None


def _unexpected(ctx: Any, fault: Exception) -> None:
    if wordy(ctx):
        aside().print_exception()
        return
    first = (str(fault).strip().splitlines() or ["no message"])[0]
    complain(f"Unexpected {type(fault).__name__}: {first}")
    complain("This is a fault of evertopic, not of yours: run again with `evertopic --verbose ...` to see where.")


def wordy(ctx: Any) -> bool:
    """True when --verbose was given, before the command or after it."""
    return bool(ctx.find_root().obj)


def be_wordy(ctx: Any) -> None:
    """From here on, faults show their traceback."""
    ctx.find_root().obj = True
