"""The frame of the dashboard's pages: what is around every page, how forms are answered, and how results are shown.

A product's own pages are classes that derive from `DashboardPart` and pass their templates to `page`. Each product's
module `sandbox_parts` names the tabs that it adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import urlencode

from xendit.sandbox.pages.forms import Page, RefusedForm, refused_form
from xendit.sandbox.pages.guard import html
from xendit.sandbox.state import SandboxError
from xendit.sandbox.state.core.given import sentence
from xendit.sandbox.state.core.times import format_time
from xendit.sandbox.web import Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from xendit.sandbox.control import Stage
    from xendit.sandbox.pages import forms
    from xendit.sandbox.pages.guard import Guard
    from xendit.sandbox.state.core.clock import Clock
    from xendit.sandbox.state.core.shared import SharedState

    Form = forms.Form

#: The state of a thing as a colour: that of a badge, or of a point on a time line.
Tone = Literal["good", "bad", "wait", "none"]

TABS = (
    ("webhooks", "Webhooks", "/_sandbox/ui/webhooks"),
    ("requests", "Requests", "/_sandbox/ui/requests"),
    ("clock", "Clock", "/_sandbox/ui/clock"),
    ("faults", "Faults", "/_sandbox/ui/faults"),
)
"""The tabs of the dashboard that belong to no product: name, title, path. They come after those of the products."""

PAGE = 50
"""Rows on a page."""
_SUBJECT = "dashboard"
_NOTICES = 100
"""For how many browsers a notice may be waiting."""


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
    refused: RefusedForm | None = None


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
    return Moment(iso, f"{iso[:10]} {iso[11:19]} UTC")


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

    shows_position: ClassVar[bool] = True
    """Whether its pages hold how far the sandbox had come before they were made."""
    wrong_fields: ClassVar[Mapping[str, str]] = {}
    """The field that an error is about, by the name of a form or the code of a refusal. If neither is listed here, the
        error is about the field with which its text begins, or about none."""

    def __init__(self, shared: SharedState, stage: Stage, guard: Guard) -> None:
        self._shared = shared
        self._stage = stage
        self._guard = guard
        self._notices = guard.notices

    def page(self, request: Request, tab: str, template: str, status: int = 200, **values: object) -> Response:
        """Answer with a page of the dashboard."""
        session = self._guard.session(request)
        here = request.full_path.rstrip("?")
        notice = self._notice(request, session)
        refused = None if notice is None else notice.refused
        response = html(
            template,
            status,
            tab=tab,
            tabs=tabs(),
            live_kinds=" ".join(book.kind for book in self._shared),
            now=now(self._stage.clock),
            position=request.environ["xendit.position"],
            notice=None if refused is not None and refused.field else notice,
            page=Page(self._guard.token(session, _SUBJECT), here, "" if notice is None else notice.text, refused),
            **values,
        )
        self._guard.remember(request, response, session)
        return response

    def missing(self, request: Request, tab: str, title: str, out: tuple[str, str]) -> Response:
        """Answer that there is no such thing, with a link: `out` is its address and its text."""
        return self.page(request, tab, "dashboard_missing.html", 404, missing=title, out=out)

    def act(self, request: Request, do: Callable[[Form], str], *, form: str | None = None) -> Response:
        """Do what a form asks, and redirect to the page of the form, which then shows the sentence that `do` gave.

        If the form is refused, the reason is shown at the field at fault (see `wrong_fields`), and what was typed
        stays. `form` is the name that the template gives to the form; without it, the last part of the address is the
        name.
        """
        session = self._guard.session(request)
        name = form or request.path.rpartition("/")[2]
        back = request.form.get("back", "")
        if not back.startswith("/_sandbox/") or not back.isprintable() or not back.isascii():
            back = "/_sandbox/"
        if not self._guard.is_ours(request, _SUBJECT):
            text = "This page was out of date, so nothing was done. Please try again."
            notice = FormNotice(text, "bad", refused_form(name, request.form))
        else:
            try:
                notice = FormNotice(do(request.form), "good")
            except (SandboxError, ValueError) as problem:
                text = problem.message if isinstance(problem, SandboxError) else sentence(str(problem))
                notice = FormNotice(text, "bad", refused_form(name, request.form, problem, self.wrong_fields))
        self._notices[session] = notice
        while len(self._notices) > _NOTICES:
            del self._notices[next(iter(self._notices))]
        response = Response(status=303, headers={"Location": back})
        self._guard.remember(request, response, session)
        return response

    @staticmethod
    def listing(
        request: Request, path: str, recent: Callable[..., Sequence[Any]], row: Callable[[Any], object]
    ) -> dict[str, Any]:
        """Give what a page of records shows: the records that are looked for, as rows, and the link to older ones."""
        find = request.args.get("find", "").strip()
        found = recent(find=find, before=request.args.get("before"), limit=PAGE + 1)
        older = None
        if len(found) > PAGE:
            query = {"find": find, "before": found[PAGE - 1].id}
            older = f"{path}?{urlencode({name: value for name, value in query.items() if value}, errors='replace')}"
        return {"rows": [row(each) for each in found[:PAGE]], "older": older, "find": find}

    def _notice(self, request: Request, session: str) -> FormNotice | None:
        """Take the notice that waits for this browser, so that it is shown once. A page that reloads itself takes none."""
        renews = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        return None if renews else self._notices.pop(session, None)
