"""Who is calling: the account of an API key, what the key may do, and the sub-account that it acts for."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from xendit.sandbox.state.core.errors import SandboxError, invalid_input

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xendit.sandbox.state.assumptions import Assumptions

#: What a key may do with invoices: nothing, read, or all.
Permission = Literal["none", "read", "write"]

OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_TEST_KEY = re.compile(r"xnd_development_[!-~]{1,500}")


@dataclass(frozen=True)
class Account:
    """A business: invoices of one are unseen by another. `user_id` is what its invoices carry."""

    owner: str
    user_id: str
    permission: Permission = "write"

    @property
    def place(self) -> tuple[str, str]:
        """The owner of the key and the sub-account: two accounts are the same when these are, whatever each may do."""
        return self.owner, self.user_id


def is_test_key(key: str) -> bool:
    """Say whether a text looks like a secret test key."""
    return _TEST_KEY.fullmatch(key) is not None


def identify(
    key: str | None,
    for_user_id: str | None,
    keys: Mapping[str, Permission] | None,
    assumptions: Assumptions,
) -> Account:
    """Find the account of a request.

    `key` is the user name of Basic auth: None when the header is missing, empty when it cannot be read. `keys`
    names the only keys that count, with what each may do; None means that every test key is an account.

    Raises SandboxError: 401 for a missing, public, malformed or unknown key, 403 for a live one.
    """
    if key is None:
        raise SandboxError(
            401,
            "INVALID_API_KEY",
            "No API Key detected. Please provide your API key in the Authorization header, using Basic auth.",
        )
    if key.startswith("xnd_production_"):
        raise SandboxError(
            403,
            "REQUEST_FORBIDDEN_ERROR",
            "This is a local sandbox and the API key is a live one (xnd_production_). Use a test key, "
            "xnd_development_ and anything after it; keep live keys away from test code.",
        )
    if not is_test_key(key):
        raise SandboxError(
            401,
            "INVALID_API_KEY",
            "The API key provided is invalid. Please make sure to use the secret/public API key that you can "
            "obtain from the Xendit Dashboard",
        )
    permission: Permission | None = "write" if keys is None else keys.get(key)
    if permission is None:
        raise SandboxError(401, "INVALID_API_KEY", "API key is not authorized for this API service")
    owner = hashlib.sha256(b"sandbox account " + key.encode("ascii")).hexdigest()[:24]
    if for_user_id is None:
        return Account(owner, owner, permission)
    if assumptions.sub_accounts == "object_id" and OBJECT_ID.fullmatch(for_user_id) is None:
        problem = (("for-user-id",), '"for-user-id" must be 24 hexadecimal digits', "string.pattern")
        raise invalid_input([problem], "headers")
    return Account(owner, for_user_id, permission)
