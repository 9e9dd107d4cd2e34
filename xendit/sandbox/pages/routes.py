"""The HTTP side of the pages: addresses, forms, and what guards them.

A form is taken only with a token that belongs to the browser's own cookie (`SameSite=Strict`, `HttpOnly`) and to
what the form acts on. Beside `server`, the one module that imports Werkzeug.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from werkzeug.wrappers import Request, Response

from xendit.sandbox.pages import payment
from xendit.sandbox.pages.render import render, static
from xendit.sandbox.pages.texts import LANGUAGES, Texts, choose_language
from xendit.sandbox.state import SandboxError

if TYPE_CHECKING:
    from xendit.sandbox.state import Invoice, State

ROUTES: list[tuple[str, str, str]] = [
    ("GET", "/web/<invoice_id>", "page_show"),
    ("GET", "/web/<invoice_id>/status", "page_status"),
    ("POST", "/web/<invoice_id>/<act>", "page_act"),
    ("GET", "/static/<name>", "page_file"),
]
"""Method, path and the method of `Pages` that answers, as in `server`."""

#: Seconds before a payer is taken back to the shop: long enough to read what happened.
PAUSE = 2

_SESSION = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_ACTS = {"pay": "paid", "fail": "failed", "expire": "expired"}


class Pages:
    """Answers what people ask for. `port` tells apart the cookies of sandboxes on one machine."""

    def __init__(self, state: State, port: str) -> None:
        self._state = state
        self._cookie = f"xendit_sandbox_{port}"
        self._secret = secrets.token_bytes(32)

    # -- the payment page

    def page_show(self, request: Request, invoice_id: str) -> Response:
        """Show an invoice to its payer."""
        try:
            invoice = self._state.find(invoice_id)
        except SandboxError:
            return self._missing(request)
        return self._payment_page(request, invoice)

    def page_status(self, _request: Request, invoice_id: str) -> Response:
        """Tell the page's script where the invoice stands, and how long it has, by the sandbox's own clock."""
        invoice = self._state.find(invoice_id)
        left = (invoice.expiry_date - self._state.now()).total_seconds()
        body = json.dumps({"status": invoice.status, "seconds_left": max(0.0, round(left, 3))})
        return Response(body, content_type="application/json; charset=utf-8")

    def page_act(self, request: Request, invoice_id: str, act: str) -> Response:
        """Pay, fail or expire as the form asks, then show what came of it."""
        if act not in _ACTS:
            raise SandboxError(404, "NOT_FOUND", "A payment page can pay, fail and expire.")
        try:
            invoice = self._state.find(invoice_id)
        except SandboxError:
            return self._missing(request)
        if not self._is_ours(request, invoice_id):
            return self._payment_page(request, invoice, stale=True)
        event: str | None = _ACTS[act]
        channel = request.form.get("channel") or None
        try:
            if act == "pay":
                self._state.pay(invoice_id, channel=channel)
            elif act == "expire":
                self._state.expire(replace(invoice.account, permission="write"), invoice_id)
        except SandboxError:
            event = None  # paid or expired since the page was shown: showing it again says so
        language = request.form.get("lang")
        where = payment.address(invoice_id, done=event, lang=language if language in LANGUAGES else None)
        return Response(status=303, headers={"Location": where})

    def _payment_page(self, request: Request, invoice: Invoice, *, stale: bool = False) -> Response:
        asked = request.values.get("lang")
        texts = Texts(
            choose_language(asked, invoice.echoed.get("locale"), request.headers.get("Accept-Language", ""))
        )
        done = request.args.get("done")
        shown = payment.view(
            invoice,
            self._state.now(),
            texts.language,
            channel=request.values.get("channel"),
            event=done if done in get_args(payment.Event) else None,  # type: ignore[arg-type]
        )
        lang = asked if asked in LANGUAGES else None
        going = shown.going if shown.event is not None and "stay" not in request.args else None
        session = self._session(request)
        response = self._html(
            "payment.html",
            403 if stale else 200,
            view=shown,
            t=texts,
            lang=lang,
            languages=LANGUAGES,
            address=payment.address,
            token=self._token(session, invoice.id),
            stale=stale,
            going=going,
        )
        if going is not None and going.link is not None:
            # Not a redirect: the policy of the page that held the form allows none to another site.
            response.headers["Refresh"] = f"{PAUSE}; url={going.link}"
        self._remember(request, response, session)
        return response

    def _missing(self, request: Request) -> Response:
        texts = Texts(
            choose_language(request.values.get("lang"), None, request.headers.get("Accept-Language", ""))
        )
        return self._html("missing.html", 404, t=texts)

    # -- files

    def page_file(self, _request: Request, name: str) -> Response:
        """Serve one of the few files that the pages use."""
        found = static(name)
        if found is None:
            raise SandboxError(404, "NOT_FOUND", "There is no such file.")
        return Response(found[1], content_type=found[0])

    # -- forms

    def _session(self, request: Request) -> str:
        """Give what tells this browser from others: its cookie, or a new one."""
        given = request.cookies.get(self._cookie, "")
        return given if _SESSION.fullmatch(given) else secrets.token_urlsafe(32)

    def _remember(self, request: Request, response: Response, session: str) -> None:
        if request.cookies.get(self._cookie) != session:
            response.set_cookie(self._cookie, session, httponly=True, samesite="Strict")

    def _token(self, session: str, subject: str) -> str:
        """Prove that a form was made here, for this browser and this subject."""
        text = f"{session} {subject}".encode("utf-8", "replace")
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def _is_ours(self, request: Request, subject: str) -> bool:
        session = request.cookies.get(self._cookie, "")
        given = request.form.get("token", "").encode("utf-8", "replace")
        return bool(session) and hmac.compare_digest(given, self._token(session, subject).encode())

    @staticmethod
    def _html(template: str, status: int = 200, **values: Any) -> Response:
        text = render(template, **values)
        return Response(text.encode("utf-8", "replace"), status, content_type="text/html; charset=utf-8")
