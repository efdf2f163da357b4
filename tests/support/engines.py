"""Browsers with other engines than Chromium's: Firefox, and WebKit as GTK has it.

Both take the commands of WebDriver: WebKit's driver by HTTP, Firefox by a socket of its own, called Marionette, to which geckodriver
speaks as well. So there is need of nothing that Debian does not have, and of no library.
"""

import json
import shutil
import socket
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import httpx

from support.mail import until
from support.ports import free_port
from support.server import environment

ENTER: Final = "\ue007"
ESCAPE: Final = "\ue00c"

_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"
_BY_HTTP: Final = {
    "Navigate": "url",
    "FindElements": "elements",
    "ElementClick": "element/{id}/click",
    "ElementSendKeys": "element/{id}/value",
    "ExecuteScript": "execute/sync",
}
# It asks nobody on the internet anything.
_PREFERENCES: Final = """
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,none");
user_pref("toolkit.telemetry.enabled", false);
"""


class Engine(ABC):
    """A browser with one page, started by `with`. `missing` says what to install where it is not there."""

    missing: ClassVar[str | None]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []

    @abstractmethod
    def _open(self) -> None:
        """Start the browser, and begin a session."""

    @abstractmethod
    def _say(self, command: str, **parameters: object) -> Any:
        """What is answered to a command of WebDriver."""

    def go(self, url: str) -> None:
        """Load it, also where it is what is shown. `Refresh` would do it without the service worker in Firefox."""
        self._say("Navigate", url=url)

    def run(self, script: str, *arguments: object) -> Any:
        """What the script returns."""
        return self._say("ExecuteScript", script=script, args=arguments)

    def find(self, selector: str) -> str:
        """The element, as soon as it is there."""
        found = until(lambda: self._say("FindElements", using="css selector", value=selector), self._lacks(selector))
        element: str = found[0][_ELEMENT]
        return element

    def click(self, selector: str) -> None:
        self._say("ElementClick", id=self.find(selector))

    def type(self, selector: str, text: str) -> None:
        """Press these keys in the element."""
        self._say("ElementSendKeys", id=self.find(selector), text=text)

    def reads(self, selector: str, *texts: str) -> None:
        """These are the texts of all such elements, or get to be. By the document: WebKit sees no text in what is contained."""
        script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)"
        try:
            until(lambda: self.run(script, selector) == list(texts), selector)
        except AssertionError:
            found = self.run(script, selector)
            assert found == list(texts), f"{type(self).__name__} has {found}"

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, *command: str, **variables: str) -> None:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=environment(**{"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder), **variables}),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self._processes.append(process)

    def _lacks(self, what: str) -> str:
        return f"{type(self).__name__} has no {what}; see {self.folder}/log"


class Firefox(Engine):
    program: ClassVar = shutil.which("firefox-esr") or shutil.which("firefox")
    missing = None if program else "Debian's firefox-esr"

    def _open(self) -> None:
        port = free_port()
        profile = self.folder / "profile"
        profile.mkdir()
        (profile / "user.js").write_text(f'{_PREFERENCES}user_pref("marionette.port", {port});\n')
        self._start(str(self.program), "--headless", "--marionette", "--no-remote", "--profile", str(profile))
        self._socket = until(lambda: _connected(port), self._lacks("Marionette"))
        self._read()
        self._say("NewSession")

    def _say(self, command: str, **parameters: object) -> Any:
        message = json.dumps([0, 1, f"WebDriver:{command}", parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, _, error, answer = self._read()
        assert error is None, f"{command}: {error}"
        return answer["value"] if isinstance(answer, dict) and set(answer) == {"value"} else answer

    def _read(self) -> Any:
        length = b""
        while (byte := self._socket.recv(1)) != b":":
            assert byte, "Firefox has ended"
            length += byte
        message = b""
        while len(message) < int(length):
            message += self._socket.recv(int(length) - len(message))
        return json.loads(message)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        if hasattr(self, "_socket"):
            self._socket.close()


class WebKit(Engine):
    program: ClassVar = next(map(str, sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))), None)
    missing = (
        None
        if program and shutil.which("WebKitWebDriver") and shutil.which("Xvfb")
        else "Debian's webkit2gtk-driver and xvfb"
    )

    def _open(self) -> None:
        display = f":{free_port()}"
        port = free_port()
        self._start("Xvfb", display, "-screen", "0", "1280x1024x24", "-nolisten", "tcp")
        self._start("WebKitWebDriver", f"--port={port}", DISPLAY=display, LIBGL_ALWAYS_SOFTWARE="1")
        until(lambda: _connected(port), self._lacks("driver")).close()
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}/session", timeout=300)
        options = {"binary": self.program, "args": ["--automation", "--enable-write-console-messages-to-stdout=true"]}
        answer = self._post("", capabilities={"alwaysMatch": {"webkitgtk:browserOptions": options}})
        self._session = answer["sessionId"]

    def _say(self, command: str, **parameters: object) -> Any:
        path = _BY_HTTP[command].format_map(parameters)
        return self._post(f"{self._session}/{path}", **parameters)

    def _post(self, path: str, **parameters: object) -> Any:
        answer = self._client.post(path, json=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["value"]

    def __exit__(self, *_: object) -> None:
        if hasattr(self, "_session"):
            self._client.delete(self._session)
        super().__exit__()
        if hasattr(self, "_client"):
            self._client.close()


def _connected(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=300)
    except OSError:
        return None
