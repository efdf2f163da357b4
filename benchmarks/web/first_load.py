"""What a browser loads first, and what Lighthouse says of it."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Request

from benchmarks.figures import Figure
from benchmarks.web.screen import opened

ROOT: Final = Path(__file__).parents[2]
AUDIT: Final = ROOT / "web/audit"
BIN: Final = Path(sys.executable).parent
CATEGORIES: Final = {"performance": 0.98, "accessibility": 1.0, "best-practices": 1.0}


@dataclass(slots=True)
class Loaded:
    """The requests of a page, with what came over the wire for each kind of thing."""

    requests: int = 0
    elsewhere: int = 0
    bytes_of: Counter[str] = field(default_factory=Counter)


def sizes(browser: Browser, url: str) -> list[Figure]:
    """What the page for logging in loads into an empty cache."""
    loaded = Loaded()

    def finished(request: Request) -> None:
        loaded.requests += 1
        loaded.elsewhere += not request.url.startswith(url)
        loaded.bytes_of[request.resource_type] += request.sizes()["responseBodySize"]

    # Without the worker, which loads everything once the page is there.
    with opened(browser, url, service_workers="block") as screen:
        screen.page.on("requestfinished", finished)
        screen.page.goto("/login", wait_until="networkidle")
        paint = screen.largest_paint()
    script, style = (loaded.bytes_of[kind] / 1000 for kind in ("script", "stylesheet"))
    return [
        Figure("first load: script", f"{script:.1f} KB", "60 KB", script <= 60),
        Figure("first load: style", f"{style:.1f} KB", "12 KB", style <= 12),
        Figure("first load: requests", f"{loaded.requests}", "6", loaded.requests <= 6),
        Figure("first load: to another host", f"{loaded.elsewhere}", "0", loaded.elsewhere == 0),
        Figure("largest paint, this machine", f"{paint:.0f} ms", "1,500 ms", paint <= 1500),
    ]


def lighthouse(url: str, chromium: str, folder: Path) -> list[Figure]:
    """Lighthouse, as on a phone. It is installed the first time."""
    environ = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "CHROME_PATH": chromium}
    if not (AUDIT / "node_modules/lighthouse").exists():
        print("Installing Lighthouse; this is needed once.", flush=True)
        install = [str(BIN / "npm"), "ci", "--prefix", str(AUDIT), "--loglevel=error", "--no-progress"]
        subprocess.run(install, env=environ, check=True)
    file = folder / "lighthouse.json"
    options = [f"--only-categories={','.join(CATEGORIES)}", "--output=json", f"--output-path={file}", "--quiet"]
    command = [str(BIN / "node"), str(AUDIT / "node_modules/lighthouse/cli/index.js"), f"{url}/login", *options]
    subprocess.run([*command, "--chrome-flags=--headless=new --no-sandbox --disable-gpu"], env=environ, check=True)
    found: dict[str, Any] = json.loads(file.read_text())
    figures = []
    for name, asked in CATEGORIES.items():
        score = found["categories"][name]["score"]
        figures.append(Figure(f"Lighthouse, phone: {name}", f"{score:.2f}", f"{asked:.2f}", score >= asked))
    paint = found["audits"]["largest-contentful-paint"]["numericValue"]
    shift = found["audits"]["cumulative-layout-shift"]["numericValue"]
    return [
        *figures,
        Figure("Lighthouse, phone: largest paint", f"{paint:.0f} ms", "1,500 ms", paint <= 1500),
        Figure("Lighthouse, phone: layout shift", f"{shift:.3f}", "0", shift == 0),
    ]
