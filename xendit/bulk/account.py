"""The account that a batch or an export belongs to: host, mode, sub-account, and a salted digest of the key.

What was done for one account is not done for another. After a trial on the sandbox, for example, a run against Xendit
must not report that everything exists already. So a journal keeps a `Bound` beside what was done, and asks it whether
the present account is the same. The key itself is never kept, only a digest of it with a salt of its own.
"""

from __future__ import annotations

from hmac import compare_digest, new as keyed_digest
from typing import NamedTuple
from urllib.parse import urlsplit

from xendit.keys import mode_of

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from xendit.client.base import BaseClient


class Bound(NamedTuple):
    """An account as a journal keeps it. It can be compared with the account of a client, and holds no key."""

    host: str
    mode: str
    user_id: str | None
    salt: str
    digest: str

    def problem(self, account: ClientAccount, *, key_rotated: bool) -> str | None:
        """Why the account is another one, as the end of a sentence whose subject is the journal; None if it is the same.

        Args:
            account: the account that is asked about.
            key_rotated: whether the caller says that the key of this account was replaced.
        """
        if (self.host, self.mode, self.user_id) != (account.host, account.mode, account.user_id):
            return f"belongs to {_described(self)}, and this run is for {_described(account)}"
        if key_rotated or compare_digest(self.digest, account.digest(self.salt)):
            return None
        return (
            f"belongs to {_described(self)} too, but to another API key: if the key of that account was rotated, say"
            " so (key_rotated=True, on the command line --key-rotated); another account needs its own"
        )


class ClientAccount(NamedTuple):
    """The account that a client's calls are for."""

    host: str
    mode: str
    """`test`, `live` or `unknown`, by the key's prefix."""
    user_id: str | None
    """Business id of the sub-account, or None for the account itself."""
    digest: Callable[[str], str]
    """The key's digest for a salt. The key stays inside this function, so that no repr and no pickle holds it."""

    def bound(self, salt: str) -> Bound:
        """This account in the form in which it is kept, with a salt that nothing else uses."""
        return Bound(self.host, self.mode, self.user_id, salt, self.digest(salt))

    def __str__(self) -> str:
        return _described(self)


def account_of(client: BaseClient[Any], user_id: str | None = None) -> ClientAccount:
    """The account that a client calls, or its sub-account. The client looks for key and host now, if it has not yet.

    Raises:
        ConfigurationException: there is no key, or it cannot be one.
    """
    access = client.access()
    key = access.ask()
    parts = urlsplit(access.host)
    host = f"{parts.scheme}://{parts.netloc}".lower() + parts.path

    def digest(salt: str) -> str:
        return keyed_digest(salt.encode(), key.encode(), "sha256").hexdigest()

    return ClientAccount(host, mode_of(key), user_id, digest)


def _described(account: ClientAccount | Bound) -> str:
    whose = "" if account.user_id is None else f", sub-account {account.user_id}"
    return f"{account.mode} mode at {account.host}{whose}"
