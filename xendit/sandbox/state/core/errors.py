"""Errors, with the HTTP status and body that the API was seen to use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xendit.sandbox.state.core.jsontext import JsonObject


#: One thing wrong with an input: where, what, and the name of the rule.
Problem = tuple[tuple["str | int", ...], str, str]


class SandboxError(Exception):
    """The sandbox refused something: `status` and `error_code` as on the wire, `message`, and `errors` by field.

    Holds no key; the message may hold an invoice id.
    """

    def __init__(self, status: int, error_code: str, message: str, errors: Sequence[JsonObject] = ()) -> None:
        super().__init__(status, error_code, message, tuple(errors))
        self.status = status
        self.error_code = error_code
        self.message = message
        self.errors = tuple(errors)

    def __str__(self) -> str:
        details = "; ".join(text for error in self.errors for text in error["messages"])
        return f"{self.status} {self.error_code}: {self.message}" + (f" ({details})" if details else "")

    def body(self) -> dict[str, object]:
        """Give the JSON body. The order of keys is that of the recordings."""
        if self.errors:
            return {"message": self.message, "error_code": self.error_code, "errors": list(self.errors)}
        return {"error_code": self.error_code, "message": self.message}


class ValidationRefusal(SandboxError):
    """A request is refused, with an answer in the shape that some parts of the API use, as recordings show.

    Args:
        problems: the name of each thing at fault, and what is wrong with it.
        location: where it stands: `query`, `body`.
    """

    def __init__(self, problems: Sequence[tuple[str, str]], location: str = "query") -> None:
        super().__init__(400, "API_VALIDATION_ERROR", "Invalid input data. Please check your request")
        self.problems = problems
        self.location = location

    def body(self) -> dict[str, object]:
        """Give the JSON body."""
        found = [{"path": f".{self.location}.{name}", "message": text} for name, text in self.problems]
        return {
            "message": self.message,
            "error": self.error_code,
            "error_code": self.error_code,
            "status_code": self.status,
            "validation": {"errors": found},
        }


def invalid_input(problems: Iterable[Problem], location: str) -> SandboxError:
    """Refuse an input, with one entry a field in which all that is wrong with the field is listed."""
    entries: dict[tuple[str | int, ...], JsonObject] = {}
    for path, message, kind in problems:
        entry = entries.setdefault(path, {"field": list(path), "location": location, "messages": [], "types": []})
        entry["messages"].append(message)
        entry["types"].append(kind)
    message = "Invalid input data. Please check your request"
    return SandboxError(400, "API_VALIDATION_ERROR", message, list(entries.values()))


def invalid_json() -> SandboxError:
    """Refuse a body that is no JSON."""
    return SandboxError(400, "INVALID_JSON_FORMAT", "The request body is not a valid JSON format.")


def forbidden() -> SandboxError:
    """Refuse a known key that lacks the permission."""
    return SandboxError(
        403,
        "REQUEST_FORBIDDEN_ERROR",
        "The API key is forbidden to perform this request. This is usually because the API key doesn't have "
        "sufficient permissions to access the API. Check the required permissions to access this API in the "
        "API Reference and adjust your API key permission accordingly in the Dashboard",
    )


def too_many_requests() -> SandboxError:
    """Refuse a request over the rate limit."""
    return SandboxError(429, "RATE_LIMIT_EXCEEDED", "The rate limit has been exceeded. Try again later.")
