"""CalDAV over HTTP, as ASGI: who asks and where, and how a refusal looks. What is done is in `methods.py`."""

from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from doable.caldav.paths import PATH
from doable.errors import DoableError, InsufficientScope, PreconditionFailed, StorageFull, TooMany, Unauthenticated
from doable.http.errors import http_error_response, response_to
from doable.http.requests import JSONRequest, Routes, may_take_long
from doable.http.responses import send_head
from doable.tasks.fields import MAX_DESCRIPTION_LENGTH

if TYPE_CHECKING:
    from doable.caldav.exchange import Reply
    from doable.caldav.paths import Place
    from doable.caldav.refusals import Refusal

WELL_KNOWN: Final = "/.well-known/caldav"
NO_ROOM: Final = 507

router = Routes(is_documented=False)


@router.route("PROPFIND", "/")
async def root(request: Request) -> Response:
    """Some apps ask at the very address that they were given, and never at the well-known one.

    307, after which the Python library requests sends the body again. After 301 it does not, and asks for nothing.
    """
    return RedirectResponse(request.app.state.link(f"{PATH}/"), 307)


async def well_known(scope: Scope, receive: Receive, send: Send) -> None:
    """Where the rest is (RFC 6764, section 5), to any method, and without credentials."""
    path = scope["path"].removeprefix(scope["root_path"].rpartition("/")[0])
    if path.removesuffix("/") != WELL_KNOWN:
        response: Response = http_error_response(404, message=scope["app"].router.nothing_here)
    else:
        scope["route"] = SimpleNamespace(path=WELL_KNOWN)
        response = RedirectResponse(scope["app"].state.link(f"{PATH}/"), 301)
    await response(scope, receive, send)


async def edge(scope: Scope, receive: Receive, send: Send) -> None:
    """Everything below `/dav`."""
    # For log lines and figures, until it is known what the address is of.
    scope["route"] = SimpleNamespace(path=PATH)
    # At the first request, and not at the start: lxml and what goes with it take a while.
    from doable.caldav.refusals import Refusal

    try:
        reply = await _reply(scope, receive)
    except Refusal as refusal:
        reply = _refused(refusal)
    except (DoableError, HTTPException, ClientDisconnect) as error:
        reply = _failed(scope, error)
    response = Response(reply.body, reply.status, {**reply.headers}, reply.media_type)
    response.headers["DAV"] = _capabilities()
    if scope["method"] == "HEAD":
        await send_head(response, scope, receive, send)
    else:
        await response(scope, receive, send)


def _capabilities() -> str:
    from doable.caldav.methods import CAPABILITIES

    return CAPABILITIES


async def _reply(scope: Scope, receive: Receive) -> "Reply":
    from doable.caldav import access, methods, paths
    from doable.caldav.exchange import Exchange
    from doable.caldav.repository import CalendarRepository

    state = scope["app"].state
    credential = await access.admit(state.accounts, scope)
    above = scope["root_path"].removesuffix(PATH)
    place: Place = paths.place_of(scope["raw_path"].removeprefix(above.encode()))
    scope["route"] = SimpleNamespace(path=place.kind.value)
    headers = _headers(scope)
    public = urlsplit(state.link("", whole=True)).netloc
    exchange = Exchange(
        method=scope["method"],
        place=place,
        headers=headers,
        credential=credential,
        hosts=frozenset({headers.get("host", public).lower(), public.lower()}),
        addresses=paths.Addresses(state.link(PATH), credential.user_id),
        database=state.database,
        repository=CalendarRepository(state.database, credential.user_id, state.limits),
        max_kept_bytes=state.max_kept_bytes,
        longest_description=scope["app"].limits[MAX_DESCRIPTION_LENGTH],
        users=state.accounts.users,
        turn=state.calendars.turn,
        receive=partial(_body, scope, receive),
        may_go_on=partial(may_take_long, scope),
    )
    return await methods.answer(exchange)


async def _body(scope: Scope, receive: Receive, longest: int) -> bytes:
    from doable.caldav.refusals import Refusal

    request = JSONRequest(scope, receive, lambda _: longest)
    try:
        body = await request.body()
    except HTTPException as error:
        if error.status_code != 413:  # noqa: PLR2004 - too large
            raise
        raise Refusal(413, message=f"The body is too large: at most {longest // 1024} KiB.") from None
    if any(each.strip().lower() != "identity" for each in request.headers.getlist("content-encoding")):
        raise Refusal(415, message="The body must not be compressed.")
    return body


def _headers(scope: Scope) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _refused(refusal: "Refusal") -> "Reply":
    from doable.caldav import xml
    from doable.caldav.exchange import XML_TYPE, Reply

    body = xml.error(refusal.condition, refusal.message, inner=refusal.inner)
    return Reply(refusal.status, body, XML_TYPE, {"Cache-Control": "no-store", **refusal.headers})


def _failed(scope: Scope, error: DoableError | HTTPException | ClientDisconnect) -> "Reply":
    """The house's answer to this error, as XML."""
    from doable.caldav import access, xml
    from doable.caldav.exchange import XML_TYPE, Reply

    usual = response_to(error)
    status = usual.status_code
    headers = {name: value for name, value in usual.headers.items() if not name.startswith("content-")}
    condition, inner = None, ""
    said = from_json(bytes(usual.body))
    message = said["message"]
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = access.CHALLENGE
    elif isinstance(error, PreconditionFailed):
        # The sentence of the API names a member of its JSON.
        message = "It has been changed, made or deleted in the meantime. Read it again."
    elif isinstance(error, InsufficientScope):
        condition, inner = "D:need-privileges", _needed(scope)
    elif isinstance(error, TooMany | StorageFull):
        status = NO_ROOM
        condition = "D:quota-not-exceeded" if isinstance(error, TooMany) else "D:sufficient-disk-space"
    return Reply(status, xml.error(condition, message, said["code"], inner), XML_TYPE, headers)


def _needed(scope: Scope) -> str:
    """The privilege that the token does not give (RFC 3744, section 7.1.1)."""
    from doable.caldav import access, xml

    privilege = "read" if scope["method"] in access.READING else "write"
    address = scope["app"].state.link(quote(scope["raw_path"], safe="/%"))
    return f"<D:resource>{xml.href(address)}<D:privilege><D:{privilege}/></D:privilege></D:resource>"
