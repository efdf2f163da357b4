"""The plain pages that mailed links lead to, so that they work without a frontend.

The token is in the address's fragment, which no browser sends to a server. The page takes it out of the address at once,
and sends it in the body of a request of its own.
"""

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse

from doable.accounts.links.letters import RESET_PATH, VERIFY_PATH
from doable.http.plain_pages import plain_page
from doable.http.requests import Routes

router = Routes(is_documented=False)

_FILES = files("doable.accounts.routes") / "page_files"
_SCRIPT = (_FILES / "page.js").read_text()
_RESET = (_FILES / "reset_password.html").read_text()
_VERIFY = (_FILES / "verify_email.html").read_text()
_RESULT = '<p id="result" role="status"></p>\n'


@router.get(RESET_PATH)
async def reset_password_page(request: Request) -> HTMLResponse:
    """The page for choosing a new password; without a token, for asking for the link."""
    return _page(request, "New password", _RESET)


@router.get(VERIFY_PATH)
async def verify_email_page(request: Request) -> HTMLResponse:
    """The page for verifying an address: by a button, since some mail programs open every link to look at it."""
    return _page(request, "Verify your address", _VERIFY)


def _page(request: Request, heading: str, main: str) -> HTMLResponse:
    return plain_page(request.app.document.title, heading, f"{main}{_RESULT}", script=_SCRIPT)
