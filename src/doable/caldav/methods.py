"""What can be done at each kind of address: the table of methods, and that of reports."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from doable.caldav import collections, conditions, finding, objects, principals, reports, xml
from doable.caldav.access import READING
from doable.caldav.exchange import MAX_REPORT_BYTES, Exchange, Reply
from doable.caldav.paths import Kind
from doable.caldav.refusals import Refusal, nothing
from doable.caldav.xml import caldav, dav

Method = Callable[[Exchange], Awaitable[Reply]]
Report = Callable[[Exchange, xml.Element], Awaitable[Reply]]

CAPABILITIES: Final = "1, 3, extended-mkcol, calendar-access"
"""The `DAV` header. No locks (2), no scheduling: clients believe it."""


async def answer(exchange: Exchange) -> Reply:
    """The reply to a request. Raises Refusal, and the errors of the domain."""
    place = exchange.place
    is_making = exchange.method in _MAKING
    if not exchange.addresses.is_own(place) or (place.is_folder and place.kind is Kind.OBJECT and not is_making):
        raise nothing()
    methods = METHODS[place.kind]
    method = methods.get(exchange.method)
    if method is None:
        headers = {"Allow": allow(exchange.place.kind)}
        raise Refusal(405, message="This address does not take this method.", headers=headers)
    if "if" in exchange.headers:
        hold = conditions.read(exchange.headers["if"], exchange.addresses, place).hold
        exchange.precondition = partial(hold, exchange.repository)
        if exchange.method in READING:
            await exchange.database.read(exchange.precondition)
    return await method(exchange)


def allow(kind: Kind) -> str:
    """What may be done at such an address, if there is something."""
    return ", ".join(name for name, method in METHODS[kind].items() if method not in _NEVER_THERE)


async def options(exchange: Exchange) -> Reply:
    """What can be done here."""
    place = exchange.place
    if place.kind is Kind.COLLECTION:
        found = await exchange.database.read(partial(exchange.repository.collection, segment=place.collection or ""))
        if found is None:
            return Reply(200, headers={"Allow": ", ".join(["OPTIONS", *_MAKING])})
    return Reply(200, headers={"Allow": allow(place.kind)})


async def report(exchange: Exchange) -> Reply:
    """A report, by the root of the body (RFC 3253, section 3.6)."""
    root = await exchange.xml(MAX_REPORT_BYTES)
    if root is None:
        raise Refusal(400, message="A REPORT needs a body, which says what is asked.")
    found = REPORTS[exchange.place.kind].get(str(root.tag))
    if found is None:
        raise Refusal(403, "D:supported-report", "There is no such report at this address.")
    return await found(exchange, root)


_EVERYWHERE: Final[Mapping[str, Method]] = {
    "OPTIONS": options,
    "PROPFIND": finding.propfind,
    "PROPPATCH": collections.proppatch,
    "REPORT": report,
}
_MAKING: Final[Mapping[str, Method]] = {"MKCALENDAR": collections.mkcalendar, "MKCOL": collections.mkcol}
_NEVER_THERE: Final = {*_MAKING.values(), collections.refuse}
"""What is always refused where there is something."""
_STAYING: Final[Mapping[str, Method]] = {**_EVERYWHERE, **_MAKING, "DELETE": collections.refuse}

METHODS: Final[Mapping[Kind, Mapping[str, Method]]] = {
    Kind.ROOT: _STAYING,
    Kind.PRINCIPALS: _STAYING,
    Kind.PRINCIPAL: _STAYING,
    Kind.HOMES: _STAYING,
    Kind.HOME: _STAYING,
    Kind.COLLECTION: {**_EVERYWHERE, **_MAKING, "DELETE": collections.remove},
    Kind.OBJECT: {
        **_EVERYWHERE,
        **_MAKING,
        "GET": objects.get,
        "HEAD": objects.get,
        "PUT": objects.put,
        "DELETE": objects.delete,
        "MOVE": objects.move,
        "COPY": objects.copy,
    },
}
"""By the kind of address and the method; `Allow` is made of it."""

_ABOUT_ONESELF: Final[Mapping[str, Report]] = {
    dav("expand-property"): principals.expand,
    dav("principal-property-search"): principals.search,
    dav("principal-search-property-set"): principals.search_properties,
    dav("principal-match"): principals.match,
}

REPORTS: Final[Mapping[Kind, Mapping[str, Report]]] = {
    Kind.ROOT: _ABOUT_ONESELF,
    Kind.PRINCIPALS: _ABOUT_ONESELF,
    Kind.PRINCIPAL: _ABOUT_ONESELF,
    Kind.HOMES: _ABOUT_ONESELF,
    Kind.HOME: _ABOUT_ONESELF,
    Kind.COLLECTION: {
        dav("expand-property"): principals.expand,
        caldav("calendar-multiget"): reports.multiget,
        caldav("calendar-query"): reports.query,
        caldav("free-busy-query"): reports.free_busy,
        dav("sync-collection"): reports.sync,
    },
    Kind.OBJECT: {
        dav("expand-property"): principals.expand,
        caldav("calendar-multiget"): reports.multiget,
        caldav("calendar-query"): reports.query,
    },
}
"""By the kind of address and the root of the body, in Clark's notation; `DAV:supported-report-set` is made of it."""
