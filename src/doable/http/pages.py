"""The documentation pages, made for a machine without internet: everything comes from files of installed packages.

Their addresses are relative, so that they work under any path. Nothing in them is inline: the policy forbids it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from starlette.responses import HTMLResponse, Response

from doable.http.openapi import Document
from doable.http.requests import Routes

ASSETS: Final = "/docs/assets"


def _folder_of(package: str) -> Path:
    """Where its files are. It is not imported: it would import FastAPI."""
    spec = find_spec(package)
    assert spec is not None  # noqa: S101 - it is installed with this one
    assert spec.origin is not None  # noqa: S101 - likewise
    return Path(spec.origin).parent


_OWN: Final = Path(str(files("doable.http") / "page_files"))
_OFFLINE: Final = _folder_of("fastapi_offline") / "static"
# The one thing that Redoc would ask another host for: the logo in its footer.
_REDOC_LOGO: Final = b"https://cdn.redoc.ly/redoc/logo-mini.svg"
_FAVICON: Final = b"docs/assets/favicon.png"

_ASK_AGAIN: Final = {"Cache-Control": "no-cache"}
# Redoc makes its styles rule by rule in an element that is empty, and has one more for its scroll bars: their hashes.
_STYLES_OF_REDOC: Final = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"
)
_OF_A_PAGE: Final = {
    # The page loads and calls this server, and no other.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; worker-src blob:; "
        f"style-src 'self' {_STYLES_OF_REDOC}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    **_ASK_AGAIN,
}


def pages(document: Document) -> Routes:
    """`/openapi.json`, and `/docs` and `/redoc`, which show it."""
    router = Routes(is_documented=False)

    @router.get("/openapi.json")
    async def openapi() -> Response:
        return Response(await document.read(), media_type="application/json", headers=_ASK_AGAIN)

    for path in [*_OWN.iterdir(), *_OFFLINE.iterdir()]:
        if path.suffix == ".html":
            router.get(f"/{path.stem}")(_page(path, document.title))
        else:
            router.get(f"{ASSETS}/{path.name}")(_asset(path))
    return router


def _page(path: Path, title: str) -> Callable[[], Awaitable[Response]]:
    """The route of a page with this title."""
    body = path.read_text().replace("{title}", escape(title))

    async def page() -> Response:
        return HTMLResponse(body, headers=_OF_A_PAGE)

    return page


def _asset(path: Path) -> Callable[[], Awaitable[Response]]:
    """The route of a file, which is read once."""
    media_type = guess_type(path.name)[0]
    body = b""

    async def asset() -> Response:
        nonlocal body
        if not body:
            body = (await asyncio.to_thread(path.read_bytes)).replace(_REDOC_LOGO, _FAVICON)
        return Response(body, media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})

    return asset
