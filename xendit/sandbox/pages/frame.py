"""The frame of the dashboard's pages: what every page has around it, what a form carries, and what is said of its result.

A product's own pages are parts that derive from `DashboardPart`, and hand its templates to `page`. Which tabs there are is
asked of the products: the module `sandbox_parts` of each names those it adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from xendit.sandbox.pages.guard import html
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.times import format_time
from xendit.sandbox.web import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from werkzeug.datastructures import ImmutableMultiDict

    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.state.core.clock import Clock
    from xendit.sandbox.state.core.shared import SharedState

    Form = ImmutableMultiDict[str, str]

#: How a thing stands, for the eye: the colour of a badge or of a point on a time line.
Tone = Literal["good", "bad", "wait", "none"]

TABS = (
    ("webhooks", "Webhooks", "/_sandbox/ui/webhooks"),
    ("clock", "Clock", "/_sandbox/ui/clock"),
    ("faults", "Faults", "/_sandbox/ui/faults"),
)
"""The parts of the dashboard that belong to no product: name, title, path. They stand behind those of the products."""

PAGE = 50
"""Rows on a page."""
_SUBJECT = "dashboard"
_NOTICES = 100
"""How many browsers a notice may wait for."""


@dataclass(frozen=True)
class Moment:
    """A moment for the page: exact for machines, short for people, in UTC."""

    iso: str
    text: str


@dataclass(frozen=True)
class FormNotice:
    """The result of a form, shown on the next page."""

    text: str
    tone: Tone


@dataclass(frozen=True)
class Page:
    """What every form carries: its token, and the address that it leads back to."""

    token: str
    here: str


@dataclass(frozen=True)
class Now:
    """The sandbox's clock in the corner."""

    iso: str
    text: str
    mode: str
    tone: Tone
    speed: float


def moment(at: datetime) -> Moment:
    """Show a moment."""
    iso = format_time(at)
    return Moment(iso, iso[:19].replace("T", " "))


def now(clock: Clock) -> Now:
    """Show the clock."""
    shown = moment(clock())
    if clock.frozen:
        return Now(shown.iso, shown.text, "frozen", "wait", 0.0)
    mode = "running" if clock.speed == 1 else f"{clock.speed:g} times as fast"
    return Now(shown.iso, shown.text, mode, "good", clock.speed)


def tabs() -> tuple[tuple[str, str, str], ...]:
    """Give the tabs of all products, in their order, and behind them those of none."""
    from xendit.sandbox.parts import product_parts

    own = (tab for module in product_parts() for tab in module.TABS)
    return (*own, *TABS)


class DashboardPart:
    """The pages and forms that a product adds to the dashboard.

    Args:
        shared: what the books of all products share.
        stage: the sandbox.
        guard: makes and checks the tokens of forms.
    """

    def __init__(self, shared: SharedState, stage: Stage, guard: Guard) -> None:
        self._shared = shared
        self._stage = stage
        self._guard = guard
        self._notices = guard.notices

    def page(self, request: Request, tab: str, template: str, status: int = 200, **values: object) -> Response:
        """Answer with a page of the dashboard."""
        session = self._guard.session(request)
        here = request.full_path.rstrip("?")
        log = self._stage.deliveries
        response = html(
            template,
            status,
            tab=tab,
            tabs=tabs(),
            live_kinds=" ".join(book.kind for book in self._shared),
            now=now(self._stage.clock),
            version=f"{self._shared.changes.version}.{log[-1].number if log else 0}",
            notice=self._notice(request, session),
            page=Page(self._guard.token(session, _SUBJECT), here),
            **values,
        )
        self._guard.remember(request, response, session)
        return response

    def act(self, request: Request, do: Callable[[Form], str]) -> Response:
        """Do what a form asks, and redirect to the page of the form, which then shows the sentence that `do` gave."""
        session = self._guard.session(request)
        back = request.form.get("back", "")
        if not back.startswith("/_sandbox/") or not back.isprintable() or not back.isascii():
            back = "/_sandbox/"
        if not self._guard.is_ours(request, _SUBJECT):
            notice = FormNotice("This page was out of date, so nothing was done. Please try again.", "bad")
        else:
            try:
                notice = FormNotice(do(request.form), "good")
            except SandboxError as refusal:
                notice = FormNotice(refusal.message, "bad")
            except ValueError as problem:
                text = str(problem)
                notice = FormNotice(f"{text[:1].upper()}{text[1:]}.", "bad")
        self._notices[session] = notice
        while len(self._notices) > _NOTICES:
            del self._notices[next(iter(self._notices))]
        response = Response(status=303, headers={"Location": back})
        self._guard.remember(request, response, session)
        return response

    def _notice(self, request: Request, session: str) -> object:
        """Take the notice that waits for this browser, so that it is shown once. A page that renews itself takes none."""
        renews = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        return None if renews else self._notices.pop(session, None)
