"""A progress bar on stderr for commands that work on many things, with what they wait for. Shown only to a person."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xendit.cli.output import Output
    from xendit.events import Event


class Waits:
    """What the calls of a client wait for: a hook for its `on_event`."""

    def __init__(self) -> None:
        self._why = ""
        self._until = 0.0
        self._pace = "the limit"

    def note(self, event: Event) -> None:
        """Take in an event of a call."""
        if event.kind != "retrying":
            self._until = 0.0
            limit = dict(event.headers).get("rate-limit-limit")  # only answers have headers; pauses have none
            if limit is not None:
                self._pace = f"{limit} requests a minute"
            return
        if event.status == 429:
            self._why = f"kept to {self._pace} by Rate-Limit headers"
        else:
            self._why = f"no answer yet ({event.error or event.status})"
        self._until = time.monotonic() + event.wait

    def reason(self) -> str | None:
        """What is waited for just now, in words; None when nothing is."""
        left = self._until - time.monotonic()
        return f"{self._why}: it goes on in {left:.0f} s" if left >= 1 else None


@contextmanager
def progress_bar(
    output: Output,
    what: str,
    noun: str,
    *,
    done: int,
    total: int | None = None,
    waits: Callable[[], str | None] = lambda: None,
) -> Iterator[Callable[[int], None]]:
    """A bar for as long as the block lasts; it gives the function to call with how many more are done.

    Args:
        output: says whether a person watches stderr.
        what: the word before the bar.
        noun: what many of the things are called.
        done: how many are done already.
        total: how many there are; None when that is not known, and then the bar counts.
        waits: gives what is waited for at the moment, in words, which are shown below the bar.
    """
    if not output.lively:
        yield lambda _more: None
        return
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    columns = (
        (TextColumn(f"{{task.completed:,.0f}} {noun}"), TimeElapsedColumn())
        if total is None
        else (MofNCompleteColumn(), TimeRemainingColumn())
    )
    bar = Progress(TextColumn(what), BarColumn(bar_width=20), *columns)
    task = bar.add_task("", total=total, completed=done)

    def shown() -> Group:
        why = waits()
        return Group(bar, *([] if why is None else [Text(why, style="yellow")]))

    with Live(get_renderable=shown, console=Console(stderr=True), transient=True, refresh_per_second=4):
        yield lambda more: bar.advance(task, more)
