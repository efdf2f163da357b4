"""The plain pages that mailed links lead to, so that they work without a frontend.

The token is in the address's fragment, which no browser sends to a server. The page takes it out of the address at once,
and sends it in the body of a request of its own.
"""

import base64
import hashlib
from html import escape
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from doable.accounts.links.letters import RESET_PATH, VERIFY_PATH
from doable.http.requests import JSONRoute

router = APIRouter(include_in_schema=False, route_class=JSONRoute)

_FILES = files("doable.accounts.routes") / "page_files"
_STYLE = (_FILES / "page.css").read_text()
_SCRIPT = (_FILES / "page.js").read_text()
_RESET = (_FILES / "reset_password.html").read_text()
_VERIFY = (_FILES / "verify_email.html").read_text()


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_HEADERS = {
    # This script and this style alone, and requests to this server alone.
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}


@router.get(RESET_PATH)
async def reset_password_page(request: Request) -> HTMLResponse:
    """The page for choosing a new password; without a token, for asking for the link."""
    return _page(request, "New password", _RESET)


@router.get(VERIFY_PATH)
async def verify_email_page(request: Request) -> HTMLResponse:
    """The page for verifying an address: by a button, since some mail programs open every link to look at it."""
    return _page(request, "Verify your address", _VERIFY)


def _page(request: Request, heading: str, main: str) -> HTMLResponse:
    title = escape(request.app.document.title)
    return HTMLResponse(
        f"<!doctype html>\n"
        f'<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{heading} - {title}</title>\n<link rel="icon" href="data:,">\n<style>{_STYLE}</style>\n</head>\n'
        f"<body>\n<main>\n<p>{title}</p>\n<h1>{heading}</h1>\n"
        f"<noscript><p>This page needs JavaScript.</p></noscript>\n{main}"
        f'<p id="result" role="status"></p>\n</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n',
        headers=_HEADERS,
    )
