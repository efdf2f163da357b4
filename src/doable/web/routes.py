"""The routes of the client: its page at each address of a view, its files, and in their place one sentence where it is not built."""

from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Annotated, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from doable.http.errors import http_error_response
from doable.http.notes import Path
from doable.http.plain_pages import plain_page
from doable.http.requests import Routes
from doable.web import built
from doable.web.built import File, Place

VIEWS: Final = (
    "/",
    "/inbox",
    "/today",
    "/upcoming",
    "/completed",
    "/archived",
    "/deleted",
    "/notifications",
    "/search",
    "/problems",
    "/settings",
    "/settings/{page}",
    "/login",
    "/signup",
    "/account/reset-password",
    "/account/verify-email",
)
"""As `web/src/app/place.ts` reads them."""
VIEWS_OF_THINGS: Final = ("/tasks/{thing_id}", "/lists/{thing_id}", "/tags/{thing_id}", "/filters/{thing_id}")
"""By an id. Whether there is such a thing the client finds out."""

# By their names, as their content: a new build has new ones.
IMMUTABLE: Final = "assets"

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types doable"
)
# On each file: a worker is held to the policy of its own.
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# A browser complains where it is said without https.
_ON_HTTPS: Final = {"Cross-Origin-Opener-Policy": "same-origin"}

_NOT_BUILT: Final = (
    "<p>This server answers the API, and its pages for people were not built: <code>make setup</code> in the folder of "
    'Doable\'s source builds them, or says why it cannot.</p>\n<p><a href="{path}/docs">The documentation of the API</a></p>\n'
)


def router(place: Place, *, is_https: bool) -> Routes:
    """The routes for the client that was built, or the one for none."""
    found = Routes(is_documented=False)
    if built.is_built():
        _add(found, built.read(place), {**_HEADERS, **(_ON_HTTPS if is_https else {})})
    else:

        @found.get("/")
        async def not_built() -> Response:
            main = _NOT_BUILT.format(path=escape(place.path))
            return plain_page(place.title, "There is no web client here", main)

    return found


def _add(router: Routes, files: Mapping[str, File], headers: Mapping[str, str]) -> None:
    asked_again = {**headers, "Cache-Control": "no-cache"}
    kept = {**headers, "Cache-Control": "public, max-age=31536000, immutable"}
    page = files[built.PAGE]
    for view in VIEWS:
        router.get(view)(_file(page, asked_again))
    for view in VIEWS_OF_THINGS:
        router.get(view)(_view_of_thing(page, asked_again))
    folders: dict[str, dict[str, File]] = {}
    for path, file in files.items():
        folder, _, name = path.rpartition("/")
        if folder:
            folders.setdefault(folder, {})[name] = file
        elif file is not page:
            router.get(f"/{name}")(_file(file, asked_again))
    for folder, inside in folders.items():
        router.get(f"/{folder}/{{name}}")(_folder(inside, kept if folder == IMMUTABLE else asked_again))


def _file(file: File, headers: Mapping[str, str]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return _answer(request, file, headers)

    return answer


def _folder(files: Mapping[str, File], headers: Mapping[str, str]) -> Callable[..., Awaitable[Response]]:
    async def answer(request: Request, name: Annotated[str, Path()]) -> Response:
        file = files.get(name)
        return _nothing(request) if file is None else _answer(request, file, headers)

    return answer


def _view_of_thing(page: File, headers: Mapping[str, str]) -> Callable[..., Awaitable[Response]]:
    async def answer(request: Request, thing_id: Annotated[str, Path()]) -> Response:
        try:
            UUID(thing_id)
        except ValueError:
            return _nothing(request)
        return _answer(request, page, headers)

    return answer


def _nothing(request: Request) -> Response:
    return http_error_response(404, message=request.app.router.nothing_here)


def _answer(request: Request, file: File, headers: Mapping[str, str]) -> Response:
    """The file in the smallest form that the browser takes, or 304 with everything but the file.

    A browser keeps the headers of a 304 in the place of those that it had.
    """
    accepted = _accepted(", ".join(request.headers.getlist("accept-encoding")))
    encoding = next((each for each in file.forms if each in accepted), "")
    form = file.forms[encoding]
    given = {**headers, "ETag": form.etag, "Vary": "Accept-Encoding"}
    known = request.headers.get("if-none-match", "")
    if form.etag in known or known.strip() == "*":
        return Response(status_code=304, headers=given)
    if encoding:
        given["Content-Encoding"] = encoding
    return Response(form.body, media_type=file.media_type, headers=given)


def _accepted(header: str) -> set[str]:
    """The encodings that are named, and not with a weight of 0 (RFC 9110, section 12.5.3)."""
    named = (part.partition(";") for part in header.lower().split(","))
    return {coding.strip() for coding, _, weight in named if weight.strip().rstrip("0.") != "q="}
