"""Checks of functions that a user hands over. A plain one has done its work when it returns. No I/O."""

from __future__ import annotations

import inspect

from xendit.exceptions import ApiTypeError, ConfigurationException
from xendit.words import type_name

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["check_arguments", "check_async_function", "check_done", "check_function", "is_coroutine_function"]


def check_function(name: str, function: object) -> None:
    """Refuse what is no function, and coroutine functions and generators, whose call only begins their work.

    Args:
        name: the argument's name, for the message.
        function: what was given.

    Raises:
        ConfigurationException: it is no plain function.
    """
    if not callable(function):
        raise ConfigurationException(f"{name} must be a function, {type_name(function)} was given")
    if is_coroutine_function(function):
        raise ConfigurationException(f"{name} must be a plain function: call asyncio.run(...) inside one")
    if any(inspect.isgeneratorfunction(each) or inspect.isasyncgenfunction(each) for each in _calls(function)):
        raise ConfigurationException(f"{name} must be a plain function: one with `yield` does nothing when called")


def check_async_function(name: str, function: object) -> None:
    """Refuse what is no function, and a function with `yield`. A coroutine function is wanted; a plain one is allowed.

    Raises:
        ConfigurationException: it is neither a coroutine function nor a plain one.
    """
    if not is_coroutine_function(function):
        check_function(name, function)


def is_coroutine_function(function: object) -> bool:
    """Whether calling it gives a coroutine: it is `async def`, or an object whose `__call__` is."""
    return any(inspect.iscoroutinefunction(each) for each in _calls(function))


def _calls(function: object) -> tuple[object, object]:
    """A function, and what is called where it is an object."""
    return function, getattr(type(function), "__call__", None)  # noqa: B004 - its own call, not whether it has one


def check_arguments(name: str, function: Any, count: int) -> None:
    """Refuse a function that cannot be called with so many arguments, unless its signature is not known.

    Raises:
        ConfigurationException: it takes another number of arguments.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*[None] * count)
    except TypeError:
        what = "the event" if count == 1 else "the event and the connection"
        raise ConfigurationException(f"{name} must be a function that takes {what}; it takes {signature}") from None


def check_done(name: str, result: object) -> None:
    """Refuse a result that shows that the function did not do its work, as of a lambda around a coroutine function.

    Raises:
        ApiTypeError: the result is a coroutine, another awaitable, or a generator.
    """
    if not (inspect.isawaitable(result) or inspect.isgenerator(result) or inspect.isasyncgen(result)):
        return
    if inspect.iscoroutine(result) or inspect.isgenerator(result):
        result.close()  # so that Python does not also warn that it never ran
    raise ApiTypeError(
        f"{name} returned {type_name(result)}, which nobody awaits or runs through: nothing of it was done. Make it a"
        " plain function, which calls asyncio.run(...) where it must"
    )
