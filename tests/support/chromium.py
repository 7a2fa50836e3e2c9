"""A real browser: Debian's Chromium without a screen, driven over DevTools (its own protocol), through a pipe.

A pipe is opened by nobody else and needs no port. Everything that is waited for has a deadline.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
MISSING = "Chromium is not installed: scripts/interop gets it"

PATIENCE = 60.0
"""Seconds for what takes one or two on an idle machine."""
GIVES_WAY = ("navigated or closed", "context was destroyed", "Cannot read properties of null")
"""What is said of a page that gives way to another, or whose elements are not there yet."""

_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-default-apps", "--no-first-run",
    "--force-color-profile=srgb", "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip


_START = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads commands from 3 and writes answers to 4."""


class BrowserError(Exception):
    """The browser, or the page in it, says no, or says nothing in time."""


class Chromium:
    """One browser process. Its pages share a profile, which is new and is thrown away with its folder."""

    def __init__(self, profile: Path, language: str = "en") -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        speak = (f"--user-data-dir={profile}", f"--accept-lang={language}", f"--lang={language}")
        started = (sys.executable, "-I", "-c", _START, str(to_browser), str(from_browser), str(CHROMIUM))
        self._process = subprocess.Popen(
            [*started, *_FLAGS, *speak, "about:blank"],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number = 0
        self._buffer = bytearray()
        self._events: list[dict[str, Any]] = []

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(PATIENCE)
        os.close(self._write)
        os.close(self._read)

    def page(self) -> Page:
        """A new tab."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, target, session)

    def call(self, method: str, session: str | None = None, patience: float = PATIENCE, **parameters: Any) -> Any:
        """One command, and what comes of it."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        self._send(json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + patience
        while True:
            said = self._receive(deadline, method)
            if said.get("id") == number:
                if "error" in said:
                    raise BrowserError(f"{method}: {said['error']['message']}")
                return said["result"]
            if "method" in said:
                self._events.append(said)

    def _send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._write, data) :]

    def events(self, session: str, seconds: float = 0) -> list[dict[str, Any]]:
        """What happened in a page that nobody has taken yet, in order; waits for more for so long."""
        deadline = time.monotonic() + seconds
        with suppress(BrowserError):
            while True:
                self._events.append(self._receive(deadline, "events"))
        found = [one for one in self._events if one.get("sessionId") == session]
        self._events = [one for one in self._events if one.get("sessionId") != session]
        return found

    def _receive(self, deadline: float, what: str) -> dict[str, Any]:
        while (end := self._buffer.find(b"\0")) < 0:
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise BrowserError(f"{what}: no answer in time")
            block = os.read(self._read, 1 << 20)
            if not block:
                raise BrowserError(f"{what}: the browser has ended")
            self._buffer += block
        message: dict[str, Any] = json.loads(bytes(self._buffer[:end]))
        del self._buffer[: end + 1]
        return message


class Page:
    """One tab. ``requests`` and ``errors`` are told of everything since the tab was made."""

    def __init__(self, browser: Chromium, target: str, session: str) -> None:
        self._browser, self._target, self._session = browser, target, session
        self.requests: list[str] = []
        self.errors: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        return self._browser.call(method, self._session, **parameters)

    def settle(self, seconds: float = 0) -> None:
        """Take what has happened."""
        for event in self._browser.events(self._session, seconds):
            about = event.get("params", {})
            match event["method"]:
                case "Network.requestWillBeSent":
                    self.requests.append(about["request"]["url"])
                case "Runtime.exceptionThrown":
                    details = about["exceptionDetails"]
                    self.errors.append(details.get("exception", {}).get("description") or details["text"])
                case "Log.entryAdded" if about["entry"]["level"] == "error":
                    self.errors.append(f"{about['entry']['text']} {about['entry'].get('url', '')}".strip())
                case "Runtime.consoleAPICalled" if about["type"] == "error":
                    self.errors.append(str([one.get("value", one.get("description")) for one in about["args"]]))
                case "Inspector.targetCrashed":
                    self.errors.append("the tab has died")

    def before(self, script: str) -> None:
        """Run this in every document of this tab, before its own scripts."""
        self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, url: str) -> None:
        said = self.call("Page.navigate", url=url)
        if said.get("errorText"):
            raise BrowserError(f"{url}: {said['errorText']}")
        self.until("document.readyState === 'complete'")

    def reload(self) -> None:
        """The same address anew; what is asked next is asked of the new document, not of the one that gives way."""
        self.run("window.givesWay = true")
        self.call("Page.reload")
        self.until("!window.givesWay && document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """The value of an expression, of a promise what it comes to; as JSON carries it."""
        said = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in said:
            raise BrowserError(said["exceptionDetails"].get("exception", {}).get("description", "an exception"))
        return said["result"].get("value")

    def until(self, condition: str, patience: float = PATIENCE) -> Any:
        """Wait until an expression is true, and what it is then; a page that gives way to another is not there yet."""
        deadline = time.monotonic() + patience
        while not (found := self._found(condition)):
            if time.monotonic() > deadline:
                raise BrowserError(f"never true: {condition}; the page says: {self.text()[:1000]}")
            time.sleep(0.02)
        return found

    def _found(self, condition: str) -> Any:
        """What it is, or only that it is true where JSON has no such thing."""
        carried = "typeof found === 'string' || typeof found === 'number'"
        try:
            return self.run(f"((found) => {carried} ? found : Boolean(found))({condition})")
        except BrowserError as error:
            if not any(one in str(error) for one in GIVES_WAY):
                raise
            return None

    def text(self) -> str:
        """What can be read."""
        return str(self.run("document.body.innerText"))

    def choose(self, selector: str, files: Sequence[Path]) -> None:
        """Files into a file input, as if a person had chosen them."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(path) for path in files], nodeId=node)

    def press(self, key: str, *, shift: bool = False) -> None:
        """A key, down and up: Tab, Enter, Escape or Space."""
        code, text = {"Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, ""), "Space": (32, " ")}[key]
        about = {"key": text if key == "Space" else key, "code": key, "windowsVirtualKeyCode": code}
        modifiers = 8 if shift else 0
        written = {"text": text} if text else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", modifiers=modifiers, **about, **written)
        self.call("Input.dispatchKeyEvent", type="keyUp", modifiers=modifiers, **about)

    def size(self, width: int, height: int = 800, *, mobile: bool = False) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def look(self, *, dark: bool = False, paper: bool = False) -> None:
        """How the page is seen: on a dark screen, on paper."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media="print" if paper else "", features=features)

    def picture(self, path: Path) -> None:
        """The whole page, as PNG."""
        box = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": box["width"], "height": min(box["height"], 12_000), "scale": 1}
        said = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        path.write_bytes(b64decode(said["data"]))

    def close(self) -> None:
        self._browser.call("Target.closeTarget", targetId=self._target)


@contextmanager
def chromium(profile: Path, language: str = "en") -> Iterator[Chromium]:
    """A browser until the end of the block."""
    browser = Chromium(profile, language)
    try:
        yield browser
    finally:
        browser.close()


def drop(page: Page, selector: str, files: Sequence[tuple[str, bytes]]) -> None:
    """Files dropped on the page, as by a mouse; made in the page out of their bytes."""
    from base64 import b64encode

    made = [[name, b64encode(data).decode()] for name, data in files]
    page.run(
        f"""(() => {{
            const all = new DataTransfer();
            for (const [name, text] of {json.dumps(made)})
                all.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
            document.querySelector({json.dumps(selector)}).dispatchEvent(new DragEvent("drop", {{
                dataTransfer: all, bubbles: true, cancelable: true }}));
        }})()"""
    )
