"""A real browser: Debian's Chromium or Google's Chrome, as a machine with no internet has it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def needs_chromium(what: str) -> pytest.MarkDecorator:
    """Skip without a browser, and be loud about what was left out."""
    reason = f"NO CHROMIUM: {what} NOT tested in a browser. Install Debian's chromium."
    return pytest.mark.skipif(CHROMIUM is None, reason=reason)


@contextmanager
def new_page(base_url: str, *flags: str, ignore_https_errors: bool = False) -> Iterator[Page]:
    """An empty page of a new browser, which is started with these flags as well."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield browser.new_page(base_url=base_url, ignore_https_errors=ignore_https_errors)
        browser.close()
