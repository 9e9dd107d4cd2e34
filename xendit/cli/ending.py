"""How a command ends: every failure is one sentence on stderr, with what to do, and one exit code."""

from __future__ import annotations

import codecs
import gc
import io
import os
import sys
import warnings
from typing import TYPE_CHECKING

from xendit.cli.extra import click

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType
    from typing import Any, NoReturn

OK, API, USAGE, AUTH, NOT_FOUND, NETWORK, UNKNOWN, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130
"""The exit codes. 128 + the number of a signal for another signal that ended it."""


class CommandFailure(click.ClickException):
    """A command that cannot go on: what is wrong, what else is wrong, what to do, and the exit code."""

    def __init__(self, message: str, code: int = API, *, hint: str | None = None, others: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc, unused-ignore]  # a ClassVar in some versions
        self.hint = hint
        self.others = tuple(others)


class Ended(KeyboardInterrupt):
    """A signal other than Ctrl-C; it ends the process in the same way."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def run(*, collects: bool = True) -> int:
    """Run `xendit` with the arguments of the process and give its exit code.

    Args:
        collects: whether Python is to collect garbage while a command runs.
    """
    from xendit.cli.commands import WIDEST, xendit

    _show_warnings_to_people()
    _write_what_can_be_shown()
    try:
        if "_XENDIT_COMPLETE" in os.environ:
            xendit.main(prog_name="xendit")  # answers a shell's question for completions, and exits
        _warn_of_clash()
        # Not `main()`, because click would handle interrupts and broken pipes itself.
        with xendit.make_context("xendit", sys.argv[1:], terminal_width=_width(WIDEST)) as context:
            _end_by_signals()
            if collects:
                gc.enable()
            code = xendit.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:  # --help, --version
        return end.exit_code
    except BrokenPipeError:
        # The reader closed the pipe. Without this, Python would report it again when it flushes stdout at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except KeyboardInterrupt as interrupt:
        return _told_interrupt(interrupt)
    except click.Abort as abort:  # what click raises for an interrupt while it asks
        return _told_interrupt(abort)
    except click.ClickException as problem:
        return told(problem)
    except Exception as problem:  # noqa: BLE001  failure_of raises again what is not an error of this library
        return told(failure_of(problem))
    return code if isinstance(code, int) else OK


def failure_of(problem: Exception) -> CommandFailure:
    """The CommandFailure that tells a user what an error of the library means. Raises any other exception again."""
    from xendit import exceptions

    code, hint = API, None
    if isinstance(problem, exceptions.OutcomeUnknownException):
        code = UNKNOWN
        hint = "look for it, with a `list` command where there is one, before you create it again"
    elif isinstance(problem, (exceptions.UnauthorizedException, exceptions.ForbiddenException)):
        code, hint = AUTH, "is XENDIT_API_KEY a secret key with the right permissions? `xendit doctor` looks"
    elif isinstance(problem, exceptions.NotFoundException):
        code, hint = (
            NOT_FOUND,
            "an id is the one that Xendit made; a `list` command with --external-id or --reference-id finds it by your own",
        )
    elif isinstance(problem, exceptions.ConnectionException):
        code, hint = NETWORK, "`xendit doctor` looks at host, proxy and certificates"
    elif isinstance(problem, (exceptions.ConfigurationException, exceptions.ApiTypeError, exceptions.ApiValueError)):
        code = USAGE
    elif isinstance(problem, exceptions.XenditWarning):  # PYTHONWARNINGS may turn warnings into errors
        return CommandFailure(str(problem), USAGE)
    elif isinstance(problem, exceptions.JournalException):
        code = UNKNOWN if problem.outcome == "unknown" else API
        hint = next(iter(getattr(problem, "__notes__", ())), None)
    elif isinstance(problem, exceptions.RateLimitException):
        hint = "Xendit allows 60 requests a minute with a test key, 600 with a live one"
    elif isinstance(problem, OSError):
        where = "" if problem.filename is None else f"{problem.filename}: "
        return CommandFailure(f"{where}{problem.strerror or problem}", API)
    elif not isinstance(problem, exceptions.OpenApiException):
        raise problem
    return CommandFailure(str(problem), code, hint=hint)


def told(problem: click.ClickException) -> int:
    """Say what went wrong, on stderr, and give the exit code."""
    from xendit.cli.output import Output

    output = Output()
    if isinstance(problem, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        problem.show()  # it is the help text itself
    elif isinstance(problem, click.UsageError) and problem.ctx is not None:
        path = problem.ctx.command_path
        output.fail(" ".join(problem.format_message().split()))  # click lists choices below each other
        output.hint(f"`{path} --help` shows how")
    else:
        output.fail(problem.format_message())
        if isinstance(problem, CommandFailure):
            for other in problem.others:
                output.fail(other)
            if problem.hint:
                output.hint(problem.hint)
    return problem.exit_code


def stopped_by(interrupt: BaseException) -> int:
    """The exit code of an interrupt: 130 for Ctrl-C, 143 for SIGTERM, 129 for a terminal that was closed."""
    return 128 + interrupt.number if isinstance(interrupt, Ended) else INTERRUPTED


def _told_interrupt(interrupt: BaseException) -> int:
    from xendit.cli.output import Output

    notes = [str(note) for note in getattr(interrupt, "__notes__", ())]
    Output().say("stopped" + (f": {notes[-1]}" if notes else "; nothing was left half done"), fresh=True)
    return stopped_by(interrupt)


def _end_by_signals() -> None:
    """Let a command that is asked to end, or whose terminal is closed, put away what it began."""
    import signal

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)


def _width(most: int) -> int:
    """How wide a help is: as click decides it by `shutil.get_terminal_size`, whose import takes longer than the help."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns <= 0:
        try:
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr] # it may be None
        except (AttributeError, ValueError, OSError):
            columns = 0
    return max(min(columns or 80, most) - 2, 50)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended(number)


def _show_warnings_to_people() -> None:
    """Print every warning as one line on stderr. Python would also show a module's path and a line of its source."""

    def show(message: Warning | str, *_where: Any, **_more: Any) -> None:
        from xendit.cli.output import Output

        Output().warn(" ".join(str(message).split()))

    warnings.showwarning = show


#: The handler of what an encoding lacks, which is given to stdout and stderr.
PLAIN = "xendit.plain"
#: What stands for a character that a terminal's encoding lacks; `?` for any other.
_PLAIN = dict(zip("─━│·✓✗•", "--|-+x*", strict=True)) | {"…": "...", "—": "-", "→": "->", "∞": "no end"}


def _write_what_can_be_shown() -> None:
    """Let stdout and stderr write any text in any encoding, such as latin-1, cp437 or the ASCII of `LC_ALL=C`."""

    def plain(problem: UnicodeError) -> tuple[str, int]:
        assert isinstance(problem, UnicodeEncodeError)
        missing = problem.object[problem.start : problem.end]
        return "".join(_PLAIN.get(each, "?") for each in missing), problem.end

    codecs.register_error(PLAIN, plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a program that calls `main` may have put something else there
            stream.reconfigure(errors=PLAIN)


def _warn_of_clash() -> None:
    if len(sys.argv) < 2 or any(argument in ("--help", "-h") for argument in sys.argv):
        return  # asking importlib.metadata takes longer than printing the help
    from xendit.cli.output import Output
    from xendit.installation import clash

    trouble = clash()
    if trouble:
        Output().say(f"xendit: {trouble}")
