"""A real browser for the tests: Debian's Chromium, headless, driven over the two pipes of its DevTools protocol.

The pipes need no library, no second program whose version has to agree, and no port. Nothing here knows of the
sandbox. The browser resolves no name but localhost, so a test cannot reach a network by mistake.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20.0
"""Seconds until whatever the browser was asked for has failed."""

_FLAGS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",  # the tests may run as root, where Chromium's own sandbox cannot
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


class BrowserError(Exception):
    """The browser refused a command, or a page never became what was waited for."""


class Browser:
    """One Chromium with a profile of its own; `close` leaves neither a process nor a file."""

    def __init__(self, executable: str) -> None:
        self._profile = tempfile.mkdtemp(prefix="xendit-browser-")
        reads, self._commands = os.pipe()
        self._answers, writes = os.pipe()
        # Chromium reads commands from descriptor 3 and answers on 4; a duplicate above both can be put there.
        child = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in (reads, writes)]
        null = os.open(os.devnull, os.O_RDWR)
        self._process = os.posix_spawn(
            executable,
            [executable, *_FLAGS, f"--user-data-dir={self._profile}", "about:blank"],
            {**os.environ, "HOME": self._profile, "LANG": "en_US.UTF-8"},
            file_actions=[
                *((os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)),
                *((os.POSIX_SPAWN_DUP2, end, number) for end, number in zip(child, (3, 4), strict=True)),
            ],
            setpgroup=0,
        )
        for end in (reads, writes, null, *child):
            os.close(end)
        self._received = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the browser and remove its profile."""
        with suppress(BrowserError, OSError):
            self.call("Browser.close")
        with suppress(ProcessLookupError):
            os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._commands)
        os.close(self._answers)
        shutil.rmtree(self._profile, ignore_errors=True)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send a command, wait for its answer and give its result; events that come meanwhile are kept."""
        self._number += 1
        number = self._number
        command: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session is not None:
            command["sessionId"] = session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self.receive(deadline, method)
            if message.get("id") == number:
                if "error" in message:
                    raise BrowserError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.events.append(message)

    def receive(self, deadline: float, what: str) -> dict[str, Any]:
        """Read the next message of the browser. Raises BrowserError at the deadline."""
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise BrowserError(f"{what}: no answer from the browser within {PATIENCE:g} s")
            data = os.read(self._answers, 1 << 20)
            if not data:
                raise BrowserError(f"{what}: the browser ended")
            self._received += data
        message, _, self._received = self._received.partition(b"\0")
        return json.loads(message)

    @contextmanager
    def page(
        self, *, width: int = 1280, height: int = 900, dark: bool = False, script: bool = True, language: str = "en"
    ) -> Iterator[Page]:
        """Open a page with cookies of its own. `width` under 600 is a phone; without `script` no script runs."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.call("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})
        page.call("Emulation.setScriptExecutionDisabled", value=not script)
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if width < 600 else 1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        page.call("Emulation.setEmulatedMedia", features=[scheme])
        try:
            yield page
        finally:
            self.call("Target.disposeBrowserContext", browserContextId=context)
            self.events = [event for event in self.events if event.get("sessionId") != session]


class Page:
    """One page: where it is, what is in it, and what a person does with it."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command about this page."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, url: str) -> None:
        """Go to an address and wait until it is loaded."""
        answer = self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"{url}: {answer['errorText']}")
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def ask(self, expression: str) -> Any:
        """Give the value of a JavaScript expression on the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def until(self, expression: str, seconds: float = PATIENCE) -> Any:
        """Wait until an expression is true, over any change of page, and give its value."""
        deadline = time.monotonic() + seconds
        problem = "was never true"
        while time.monotonic() < deadline:
            try:
                if value := self.ask(expression):
                    return value
            except BrowserError as error:  # between two pages there is nothing to ask
                problem = str(error)
            time.sleep(0.01)
        raise BrowserError(f"{expression} {problem}; at {self.url}:\n{self.text[:2000]}")

    @property
    def url(self) -> str:
        """Where the page is."""
        return str(self.ask("location.href"))

    @property
    def text(self) -> str:
        """What the page shows, as text."""
        return str(self.ask("document.body.innerText"))

    def place(self, selector: str) -> tuple[float, float]:
        """Wait until the page is loaded, scroll an element into view, and give its middle, where nothing hides it."""
        found = self.until(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " if (!e || document.readyState !== 'complete') return null;"
            " e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect();"
            " const x = r.x + r.width / 2, y = r.y + r.height / 2, there = document.elementFromPoint(x, y);"
            " return there && (e === there || e.contains(there)) ? [x, y] : null; })()"
        )
        return found[0], found[1]

    def click(self, selector: str) -> None:
        """Click the first element that a selector finds, with the mouse."""
        x, y = self.place(selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def fill(self, selector: str, text: str) -> None:
        """Click a field, empty it and type a text."""
        self.click(selector)
        self.ask(f"document.querySelector({json.dumps(selector)}).select?.()")
        self.press("Backspace")
        self.call("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press a key, such as Tab or Enter."""
        codes = {"Backspace": 8, "Tab": 9, "Enter": 13}
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **text)

    def screenshot(self, path: Path | None = None, *, whole: bool = True) -> bytes:
        """Give a picture of the page as PNG, and write it to a file when there is one."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        picture = base64.b64decode(data)
        if path is not None:
            path.write_bytes(picture)
        return picture

    @property
    def problems(self) -> list[str]:
        """What the browser complained about: errors of scripts, policy violations, files that are missing."""
        self.call("Runtime.evaluate", expression="0")  # whatever is under way arrives first
        found = []
        for event in self._browser.events:
            if event.get("sessionId") != self._session:
                continue
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(event["params"]["exceptionDetails"]))
            elif event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] in ("error", "warning"):
                entry = event["params"]["entry"]
                found.append(f"{entry['text']} {entry.get('url', '')}")
        return found
