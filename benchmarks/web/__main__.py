"""Measure the web client against its budget: `python -m benchmarks.web`. Needs Chromium and the built client (`make test` sets both up).

It prints a table and never fails: what a busy machine measures is no reason to stop anything.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure, table
from benchmarks.machine import machine
from benchmarks.web.account import SIZES, Account, Size, measure
from benchmarks.web.first_load import ROOT, lighthouse, sizes

TESTS: Final = ROOT / "tests"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    every = [size.tasks for size in SIZES]
    parser.add_argument(
        "--sizes",
        type=int,
        nargs="+",
        choices=every,
        default=every,
        help="of how many tasks the accounts are (default: all)",
    )
    parser.add_argument("--no-lighthouse", action="store_true", help="without Lighthouse, which has to be installed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="doable-web-") as name:
        print(f"On {machine(Path(name)).name}.\n", flush=True)
        print(
            table(
                figures(
                    Path(name),
                    [size for size in SIZES if size.tasks in options.sizes],
                    audits=not options.no_lighthouse,
                )
            )
        )


def figures(folder: Path, measured: Sequence[Size], *, audits: bool) -> list[Figure]:
    """All of them."""
    sys.path.append(str(TESTS))
    from support.browser import CHROMIUM, FLAGS
    from support.server import Server, environment

    assert CHROMIUM is not None, "There is no Chromium."
    Server.spawns = True
    server = Server(folder)
    environ = environment(**server.settings)
    doable(environ, "migrate")
    accounts = []
    for number, size in enumerate(measured):
        print(f"Making an account of {size.name} tasks.", flush=True)
        made = doable(environ, "demo", f"demo{number}@example.com", *size.options)
        email, password = made.split()
        accounts.append(Account(server.url, email, password, size))
    found = []
    with server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        found += sizes(browser, server.url)
        for account in accounts:
            print(f"Measuring {account.size.name} tasks.", flush=True)
            found += measure(browser, account)
        browser.close()
        if audits:
            found += lighthouse(server.url, CHROMIUM, folder)
    return found


def doable(environ: dict[str, str], *arguments: str) -> str:
    """What the command prints."""
    command = [str(Path(sys.executable).with_name("doable")), *arguments]
    return subprocess.check_output(command, env=environ, text=True)


if __name__ == "__main__":
    main()
