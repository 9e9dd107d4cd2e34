"""A progress bar on stderr for commands that work on many things. There is none where nobody watches."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xendit.cli.output import Output


@contextmanager
def progress_bar(
    output: Output, what: str, noun: str, *, done: int, total: int | None = None
) -> Iterator[Callable[[int], None]]:
    """A bar for as long as the block lasts; it gives the function to call with how many more are done.

    Args:
        output: says whether a person watches stderr.
        what: the word before the bar.
        noun: what many of the things are called.
        done: how many are done already.
        total: how many there are; None when that is not known, and then the bar counts.
    """
    if not output.lively:
        yield lambda _more: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        (TextColumn(f"{{task.completed:,.0f}} {noun}"), TimeElapsedColumn())
        if total is None
        else (MofNCompleteColumn(), TimeRemainingColumn())
    )
    bar = Progress(TextColumn(what), BarColumn(bar_width=32), *columns, console=Console(stderr=True), transient=True)
    task = bar.add_task("", total=total, completed=done)
    with bar:
        yield lambda more: bar.advance(task, more)
