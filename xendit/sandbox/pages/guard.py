"""What guards the forms of the pages against other sites and other browsers, and how a page is answered.

A form is taken only with a token that belongs to the browser's own cookie (`SameSite=Strict`, `HttpOnly`) and to
what the form acts on. No list of either is kept.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from xendit.sandbox.pages.render import render
from xendit.sandbox.web import Response

if TYPE_CHECKING:
    from xendit.sandbox.pages.frame import FormNotice
    from xendit.sandbox.web import Request
    from xendit.source import Source

_SESSION = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Guard:
    """Makes and checks the tokens of forms. The cookie's name holds `port`: sandboxes on one machine share their host."""

    def __init__(self, port: str, source: Source) -> None:
        self._source = source
        self._cookie = f"xendit_sandbox_{port}"
        self._secret = source.entropy(32)
        self.notices: dict[str, FormNotice] = {}
        """The notice for each browser, by its cookie. It is shown on the next page that the browser loads."""

    def session(self, request: Request) -> str:
        """Give the value that identifies this browser: its cookie, or a new value."""
        given = request.cookies.get(self._cookie, "")
        return given if _SESSION.fullmatch(given) else self._source.hexadecimal(32)

    def remember(self, request: Request, response: Response, session: str) -> None:
        """Give the browser its cookie, unless it has it."""
        if request.cookies.get(self._cookie) != session:
            response.set_cookie(self._cookie, session, httponly=True, samesite="Strict")

    def token(self, session: str, subject: str) -> str:
        """Prove that a form was made here, for this browser and this subject."""
        text = f"{session} {subject}".encode("utf-8", "replace")
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def is_ours(self, request: Request, subject: str) -> bool:
        """Say whether a form carries its token."""
        session = request.cookies.get(self._cookie, "")
        given = request.form.get("token", "").encode("utf-8", "replace")
        return bool(session) and hmac.compare_digest(given, self.token(session, subject).encode())


def html(template: str, status: int = 200, **values: object) -> Response:
    """Answer with a page."""
    text = render(template, **values)
    return Response(text.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8")
