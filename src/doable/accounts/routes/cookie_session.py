"""Log-in of Doable's own pages, whose scripts never see the refresh token: it is in a cookie that comes back here alone.

Everything but these routes takes the access token, as ever, so that no other site can have a browser do anything.
"""

from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from doable import clock
from doable.accounts.routes.dependencies import AccessTokens, FromWhere, LoggingIn, SigningUp
from doable.accounts.routes.sessions import tokens_read
from doable.accounts.routes.sign_up import logged_in_read, signed_up_read
from doable.accounts.schemas import LogIn, SignUp, TokensRead
from doable.accounts.sessions.repository import Opened
from doable.errors import CrossOrigin, RefreshTokenInvalid
from doable.http.requests import JSONRoute, Routes
from doable.http.responses import credentials_response, json_response

PATH: Final = "/account/session"


class SameOriginRoute(JSONRoute):
    """A route for pages of this server. Whose page asks is looked at before anything of the body is read."""

    async def respond(self, request: Request) -> Response:
        if not _is_same_origin(request):
            raise CrossOrigin
        return await super().respond(request)


# Not in the OpenAPI document: a client that is no page of this server can do nothing with them.
router = Routes(prefix=PATH, is_documented=False, route_class=SameOriginRoute)


@router.post("/signup")
async def sign_up(
    request: Request, sign_ups: SigningUp, tokens: AccessTokens, origin: FromWhere, body: SignUp
) -> Response:
    """Make a user, and log in."""
    user, opened = await sign_ups.sign_up(body, origin)
    read = signed_up_read(tokens, user, opened)
    if opened is None or not isinstance(read, TokensRead):
        return json_response(read, 201)
    return _with_cookie(request, read, opened, 201)


@router.post("/login")
async def log_in(
    request: Request, log_ins: LoggingIn, tokens: AccessTokens, origin: FromWhere, body: LogIn
) -> Response:
    """Get an access token, and the cookie, for an e-mail and its password."""
    user, opened = await log_ins.log_in(body.email, body.password, origin)
    return _with_cookie(request, logged_in_read(tokens, user, opened), opened)


@router.post("/refresh")
async def refresh(request: Request, log_ins: LoggingIn, tokens: AccessTokens, origin: FromWhere) -> Response:
    """Get the next access token, and the next cookie in place of this one."""
    refresh_token = _refresh_token(request)
    if refresh_token is None:
        raise RefreshTokenInvalid
    opened = await log_ins.refresh(refresh_token, origin)
    return _with_cookie(request, tokens_read(tokens, opened), opened)


@router.delete("")
async def log_out(request: Request, log_ins: LoggingIn, origin: FromWhere) -> Response:
    """End the session of the cookie, and take the cookie away. Whoever has none is out already."""
    refresh_token = _refresh_token(request)
    if refresh_token is not None:
        with suppress(RefreshTokenInvalid):
            await log_ins.log_out(refresh_token, origin)
    response = Response(status_code=204)
    _set_cookie(response, request, "", 0)
    return response


def _is_same_origin(request: Request) -> bool:
    """Whether a page of this server asks. Pages of another port are of another origin, although they share its cookies.

    Browsers send `Sec-Fetch-Site` on https only (and to this machine), `Origin` always. Only its host is compared, since proxies
    take TLS away; where they rewrite `Host` as well, `PUBLIC_URL` says what people see.
    """
    sites = request.headers.getlist("sec-fetch-site")
    if sites:
        return sites == ["same-origin"]
    origins = request.headers.getlist("origin")
    if len(origins) != 1:
        return False
    host = _host(origins[0])
    return host != "" and host in {request.headers.get("host", "").lower(), _host(_own_url(request))}


def _host(url: str) -> str:
    """The host, with its port if that is not the usual one."""
    return url.partition("://")[2].partition("/")[0].lower()


def _own_url(request: Request) -> str:
    url: str = request.app.state.link("", whole=True)
    return url


def _cookie_name(request: Request) -> str:
    """Cookies of http know no ports: two servers of one machine would log each other's users out."""
    if _is_https(request):
        return "__Secure-doable-session"
    port = request.headers.get("host", "").rpartition(":")[2]
    return f"doable-session-{port if port.isdecimal() else 80}"


def origin_of_page(request: Request) -> str:
    """The address of the page that asks: it says so itself, whatever proxies make of its request."""
    origin = request.headers.get("origin", "")
    return (origin if "://" in origin else _own_url(request)).lower()


def _is_https(request: Request) -> bool:
    return origin_of_page(request).startswith("https://")


def _refresh_token(request: Request) -> str | None:
    """The one in the cookie. Of two, one is somebody else's, and nobody knows which: neither counts."""
    name = _cookie_name(request)
    cookies = [cookie.strip() for line in request.headers.getlist("cookie") for cookie in line.split(";")]
    found = {cookie.partition("=")[2] for cookie in cookies if cookie.partition("=")[0] == name}
    return found.pop() if len(found) == 1 else None


def _with_cookie(request: Request, read: TokensRead, opened: Opened, status_code: int = 200) -> Response:
    """The same answer as the API's, its refresh token in the cookie."""
    content: dict[str, Any] = read.model_dump(mode="json", exclude={"refresh_token"})
    response = credentials_response(content, status_code)
    _set_cookie(response, request, opened.refresh_token, _seconds_until(opened.expires_at))
    return response


def _seconds_until(instant: datetime) -> int:
    return max(0, int((instant - clock.now()).total_seconds()))


def _set_cookie(response: Response, request: Request, value: str, max_age: int) -> None:
    response.set_cookie(
        _cookie_name(request),
        value,
        max_age=max_age,
        path=request.app.state.link(PATH),
        secure=_is_https(request),
        httponly=True,
        samesite="strict",
    )
