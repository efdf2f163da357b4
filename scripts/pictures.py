"""Make pictures of every view of the client, light, dark and on a phone: `make pictures`. Needs Chromium and the built client.

They are in pictures/, which nobody commits, but for the README's two in docs/: these name this script, and a test looks for
that name. The account is that of `doable demo`, and it is always the same morning, so that two runs show the same.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts")]

from docs_page import signed  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from support.browser import CHROMIUM, FLAGS  # noqa: E402
from support.clocks import ClockServer  # noqa: E402
from support.demo import Demo  # noqa: E402
from support.server import doable  # noqa: E402
from support.views import OF_NOBODY, OF_THE_ACCOUNT, View  # noqa: E402
from support.web import PHONE, SETTLED, Device  # noqa: E402

SOFTWARE: Final = b"scripts/pictures.py"
PICTURES: Final = ROOT / "pictures"
README: Final = next(view for view in OF_THE_ACCOUNT if view.name == "task")
MORNING: Final = datetime(2027, 5, 12, 7, 41, tzinfo=UTC)
"""A Wednesday, 9:41 where the browser is."""
WINDOW: Final = {"width": 1280, "height": 800}
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {"viewport": WINDOW, "color_scheme": "light"},
    "dark": {"viewport": WINDOW, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light", "has_touch": True, "is_mobile": True},
}

# The page's clock, as far ahead as that of the server.
MOVE_CLOCK: Final = """
(() => {
  const Clock = Date;
  const now = () => Temporal.Instant.fromEpochMilliseconds(Clock.now() + AHEAD);
  const here = (zone = Temporal.Now.timeZoneId()) => now().toZonedDateTimeISO(zone);
  globalThis.Date = class extends Clock {
    constructor(...given) { super(...(given.length ? given : [Clock.now() + AHEAD])); }
    static now() { return Clock.now() + AHEAD; }
  };
  Object.assign(Temporal.Now, {
    instant: now,
    zonedDateTimeISO: here,
    plainDateTimeISO: (zone) => here(zone).toPlainDateTime(),
    plainDateISO: (zone) => here(zone).toPlainDate(),
    plainTimeISO: (zone) => here(zone).toPlainTime(),
  });
})();
"""


@dataclass(frozen=True, slots=True)
class Studio:
    """Where pictures are taken: a server with the account on that morning, and a browser."""

    server: ClockServer
    browser: Browser
    demo: Demo

    @contextmanager
    def device(self, look: str, *, is_logged_in: bool = True) -> Iterator[Device]:
        """A device that looks so. Fails if anything was wrong on it."""
        device = Device(self.browser, self.server, device_scale_factor=2, **LOOKS[look])
        ahead = (self.server.now() - datetime.now(UTC)).total_seconds() * 1000
        device.context.add_init_script(MOVE_CLOCK.replace("AHEAD", f"{ahead:.0f}"))
        if is_logged_in:
            device.log_in(self.demo.email, self.demo.password)
        yield device
        device.close()

    def picture(self, device: Device, view: View, file: Path) -> None:
        """One view."""
        view.open(device.page, self.demo.ids)
        device.page.evaluate(SETTLED)
        file.write_bytes(signed(device.page.screenshot(animations="disabled", caret="hide"), SOFTWARE))


@contextmanager
def studio() -> Iterator[Studio]:
    """Open one."""
    with tempfile.TemporaryDirectory() as folder:
        server = ClockServer(Path(folder))
        server.move((MORNING - datetime.now(UTC)).total_seconds())
        assert doable("migrate", cwd=Path(folder), **server.settings).returncode == 0  # noqa: S101 - of a script
        with closing(Demo.make(server)) as demo, server, sync_playwright() as playwright:
            demo.wait_for_reminders()
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield Studio(server, browser, demo)
            browser.close()


def pictures_of_readme(opened: Studio, folder: Path) -> None:
    """The two that the README shows."""
    for look in ("light", "dark"):
        with opened.device(look) as device:
            opened.picture(device, README, folder / f"client-{look}.png")


def main() -> None:
    """Make all of them; or, where a folder is named, the README's alone, into that."""
    with studio() as opened:
        if sys.argv[1:]:
            pictures_of_readme(opened, Path(sys.argv[1]))
            return
        PICTURES.mkdir(exist_ok=True)
        for look in LOOKS:
            with opened.device(look) as device:
                for view in OF_THE_ACCOUNT:
                    opened.picture(device, view, PICTURES / f"{view.name}-{look}.png")
            with opened.device(look, is_logged_in=False) as device:
                for view in OF_NOBODY:
                    opened.picture(device, view, PICTURES / f"{view.name}-{look}.png")
        pictures_of_readme(opened, ROOT / "docs")


if __name__ == "__main__":
    main()
