"""Plain pages for people whom a mail has led here, so that it works without a frontend. They load nothing."""

import base64
import hashlib
from html import escape
from importlib.resources import files
from typing import Final

from starlette.responses import HTMLResponse

_STYLE: Final = (files("doable.http") / "plain_pages.css").read_text()


def plain_page(title: str, heading: str, main: str, *, language: str = "en", script: str | None = None) -> HTMLResponse:
    """A page with this heading and the HTML `main` below it. `title` is the name of the service.

    Its script may ask this server; without one, its forms may be sent to this server.
    """
    runs = "" if script is None else f"<script>{script}</script>\n"
    wants = "" if script is None else "<noscript><p>This page needs JavaScript.</p></noscript>\n"
    return HTMLResponse(
        f"<!doctype html>\n"
        f'<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(heading)} - {escape(title)}</title>\n"
        f'<link rel="icon" href="data:,">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n<main>\n<p>{escape(title)}</p>\n<h1>{escape(heading)}</h1>\n{wants}{main}</main>\n{runs}</body>\n</html>\n",
        headers={"Content-Security-Policy": _policy(script), "Cache-Control": "no-store"},
    )


def _policy(script: str | None) -> str:
    """The page's own script and style alone, and requests to this server alone."""
    if script is None:
        may = "form-action 'self'"
    else:
        may = f"script-src {_hash(script)}; connect-src 'self'; form-action 'none'"
    return (
        f"default-src 'none'; {may}; style-src {_hash(_STYLE)}; img-src data:; base-uri 'none'; frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
