"""The parts of a server for assistants: which API it may call, what it shows, and how it reports failures.

Nothing here names a product; the tools of a product are in the product's own folder. The library `mcp` is imported only
when a server is made.
"""

from __future__ import annotations

import functools
import inspect
import json
import os
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xendit.cli.connection import SANDBOX_KEY, api_client, may_be_sandbox
from xendit.cli.ending import AUTH, USAGE, CommandFailure
from xendit.cli.libraries import needed
from xendit.codec import Object
from xendit.exceptions import OpenApiException
from xendit.model import Model
from xendit.version import __version__
from xendit.words import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from xendit.api_client import ApiClient

MASK = "***"
_FOUND = 8
_EXCERPT = 600


def refuse_live_key() -> None:
    """Make sure that no live key is at hand: raise CommandFailure, before anything is called, if there is one."""
    from xendit.keys import mode_of

    if mode_of(os.environ.get("XENDIT_API_KEY", "")) == "live":
        raise CommandFailure(
            "XENDIT_API_KEY is a live key, and an assistant gets none: nothing was called",
            AUTH,
            hint="take it out of the environment of `xendit mcp`; with a test key and --test-mode it reads test mode",
        )


def sandbox_client(url: str, key: str | None) -> ApiClient:
    """A client of a sandbox. Raises CommandFailure for an address that is none."""
    from xendit.cli.connection import Target

    if not may_be_sandbox(url):
        raise CommandFailure(f"{url} is no sandbox on this machine: an assistant writes to no other place", USAGE)
    return api_client(Target(url, key or SANDBOX_KEY, "test"))


def mcp_server(name: str, instructions: str) -> Any:
    """A server of the official library. Raises CommandFailure where the extra is missing."""
    with needed("mcp", "`xendit mcp` needs the library mcp", 'pip install "xendit-sdk[cli,mcp]"'):
        module = import_module("mcp.server.mcpserver")
    error = import_module("mcp.server.mcpserver.exceptions").ToolError

    class Server(module.MCPServer):  # type: ignore[misc, name-defined] # the library is an extra
        """A server that refuses what the library takes for something else.

        It drops arguments that a tool lacks, reads the text "12.500" as 12.5, `true` as 1, and the text "null" as nothing given.
        """

        taken: dict[str, Mapping[str, inspect.Parameter]]
        """What each tool takes."""

        async def call_tool(self, name: str, arguments: dict[str, Any], *others: Any, **named: Any) -> Any:
            """Call a tool by its name. Raises ToolError for arguments that would be read as something else."""
            problem = misgiven(self.taken[name], arguments) if name in self.taken else None
            if problem:
                raise error(f"{name}: {problem}")
            return await super().call_tool(name, arguments, *others, **named)

    server = Server(name, instructions=instructions, version=__version__, log_level="CRITICAL")
    server.taken = {}
    return server


def misgiven(taken: Mapping[str, inspect.Parameter], arguments: Mapping[str, object]) -> str | None:
    """What is wrong with the arguments of a tool, as far as the library would not say so.

    Args:
        taken: the parameters of the tool.
        arguments: what was given.
    """
    for name, value in arguments.items():
        if name not in taken:
            return f"there is no argument {name[:100]!r}{nearest(name, taken) or '; it takes ' + ', '.join(taken)}"
        kinds = set(re.findall(r"\w+", str(taken[name].annotation)))
        if isinstance(value, (str, bool)) and kinds & {"int", "float"}:
            given = "a text" if isinstance(value, str) else "true or false"
            return f"{name} must be a number, such as {12500 if 'float' in kinds else 20}, and {given} was given"
        if isinstance(value, str) and value.strip() == "null" and "None" in kinds:
            return f"{name} is left out where there is none, and the text 'null' was given"
    return None


def add_tools(server: Any, tools: Iterable[Callable[..., object]], *, read_only: bool) -> None:
    """Give a server tools: each is a function whose docstring says what it does and whose result is shown as JSON."""
    annotations = import_module("mcp.types").ToolAnnotations
    error = import_module("mcp.server.mcpserver.exceptions").ToolError
    for tool in tools:
        server.taken[tool.__name__] = inspect.signature(tool).parameters
        server.add_tool(
            _told(tool, error),
            structured_output=False,  # the answer is plain text: a schema could be stricter than Xendit
            annotations=annotations(read_only_hint=read_only, destructive_hint=False, open_world_hint=False),
        )


def _told(tool: Callable[..., object], error: Any) -> Callable[..., str]:
    """A tool whose result is JSON text, and whose failures are a sentence that shows no person's data."""

    @functools.wraps(tool)
    def run(*args: object, **given: object) -> str:
        try:
            return json.dumps(tool(*args, **given), indent=2, ensure_ascii=False, default=str)
        except CommandFailure as problem:
            raise error(problem.message + (f" ({problem.hint})" if problem.hint else "")) from None
        except OpenApiException as problem:
            raise error(f"{type(problem).__name__}: {problem}") from None

    return run


# ------------------------------------------------------------------------------------------ what is shown


def shown(model: Model) -> dict[str, object]:
    """A model without personal data; lists of models in it, such as the channels on offer, are given as their length."""
    declared = model.__plan__.fields
    found: dict[str, object] = {}
    for name, plain in model.to_dict(mode="json").items():
        value, field = getattr(model, name), declared.get(name)
        if field is None or field.personal or not (value is None or field.kind.fits(value)):
            found[name] = MASK
        elif isinstance(field.kind, Object) and isinstance(value, Model):
            found[name] = shown(value)
        elif isinstance(value, list) and value and isinstance(value[0], Model):
            found[name] = f"{len(value)} {type(value[0]).__name__}"
        else:
            found[name] = plain
    return found


# ------------------------------------------------------------------------------------------ the documentation


def documentation() -> Iterator[tuple[str, str]]:
    """The sections of the documentation, each with its title: of the pages if these are installed, else of docstrings."""
    root = Path(__file__).resolve().parent.parent.parent
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    if (root / "docs" / "Webhooks.md").exists():
        for page in pages:
            parts = re.split(r"^(#{1,3} .*)$", page.read_text("utf-8"), flags=re.MULTILINE)
            for heading, text in zip(parts[1::2], parts[2::2], strict=True):
                yield f"{page.stem}: {heading.lstrip('# ')}", text.strip()
        return
    for place in ("xendit.apis", "xendit.models", "xendit.exceptions", "xendit.webhook", "xendit.sandbox"):
        module = import_module(place)
        for name in getattr(module, "__all__", dir(module)):
            if not name.startswith("_"):
                yield from _said(f"{place}.{name}", getattr(module, name, None))


def _said(name: str, found: object) -> Iterator[tuple[str, str]]:
    """What a class or function says of itself, then what the public methods of a class say."""
    if found.__doc__:
        yield name, found.__doc__.strip()
    for member, value in vars(found).items() if isinstance(found, type) else ():
        if member[0] != "_" and callable(value) and value.__doc__:
            yield f"{name}.{member}", value.__doc__.strip()


def search(words: str) -> list[dict[str, str]]:
    """The sections that contain the most of these words, the best first."""
    wanted = {word for word in re.findall(r"\w+", words.lower()) if len(word) > 1}
    scored = []
    for title, text in documentation():
        head, body = title.lower(), text.lower()
        score = sum(4 * (word in head) + (word in body) + min(body.count(word), 5) / 10 for word in wanted)
        if score:
            scored.append((score, title, text))
    scored.sort(key=lambda each: each[0], reverse=True)
    return [{"section": title, "text": text[:_EXCERPT]} for _, title, text in scored[:_FOUND]]


def catalogued(code: str | None) -> list[dict[str, object]]:
    """What is known of an error code of Xendit, or of all: status, message, exception, and what that means."""
    from xendit.exceptions import exception_for_status
    from xendit.sandbox.faults import error_answers

    found = []
    for name, (status, message) in sorted(error_answers().items()):
        if code is None or code.upper() in name:
            kind = exception_for_status(status)
            found.append(
                {
                    "code": name,
                    "status": status,
                    "message": message,
                    "exception": kind.__name__,
                    "means": (kind.__doc__ or "").strip(),
                }
            )
    return found
