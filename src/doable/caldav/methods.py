"""What can be done at each kind of address: the table of methods, and that of reports."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from doable.caldav import xml
from doable.caldav.exchange import MAX_REPORT_BYTES, Exchange, Reply
from doable.caldav.paths import Kind, nothing
from doable.caldav.refusals import Refusal

Method = Callable[[Exchange], Awaitable[Reply]]
Report = Callable[[Exchange, xml.Element], Awaitable[Reply]]

CAPABILITIES: Final = "1, 3, extended-mkcol, calendar-access"
"""The `DAV` header. No locks (2), no scheduling: clients believe it."""


async def answer(exchange: Exchange) -> Reply:
    """The reply to a request. Raises Refusal, and the errors of the domain."""
    if not exchange.addresses.is_own(exchange.place):
        raise nothing()
    methods = METHODS[exchange.place.kind]
    method = methods.get(exchange.method)
    if method is None:
        allow = {"Allow": ", ".join(methods)}
        raise Refusal(405, message="This address does not take this method.", headers=allow)
    return await method(exchange)


async def options(exchange: Exchange) -> Reply:
    """What can be done here."""
    return Reply(200, headers={"Allow": ", ".join(METHODS[exchange.place.kind])})


async def report(exchange: Exchange) -> Reply:
    """A report, by the root of the body (RFC 3253, section 3.6)."""
    root = await exchange.xml(MAX_REPORT_BYTES)
    if root is None:
        raise Refusal(400, message="A REPORT needs a body, which says what is asked.")
    found = REPORTS[exchange.place.kind].get(str(root.tag))
    if found is None:
        raise Refusal(403, "D:supported-report", "There is no such report at this address.")
    return await found(exchange, root)


_EVERYWHERE: Final[Mapping[str, Method]] = {"OPTIONS": options, "REPORT": report}

METHODS: Final[Mapping[Kind, Mapping[str, Method]]] = {
    Kind.ROOT: {**_EVERYWHERE},
    Kind.PRINCIPALS: {**_EVERYWHERE},
    Kind.PRINCIPAL: {**_EVERYWHERE},
    Kind.HOMES: {**_EVERYWHERE},
    Kind.HOME: {**_EVERYWHERE},
    Kind.COLLECTION: {**_EVERYWHERE},
    Kind.OBJECT: {**_EVERYWHERE},
}
"""By the kind of address and the method; `Allow` is made of it."""

REPORTS: Final[Mapping[Kind, Mapping[str, Report]]] = {
    Kind.ROOT: {},
    Kind.PRINCIPALS: {},
    Kind.PRINCIPAL: {},
    Kind.HOMES: {},
    Kind.HOME: {},
    Kind.COLLECTION: {},
    Kind.OBJECT: {},
}
"""By the kind of address and the root of the body, in Clark's notation; `DAV:supported-report-set` is made of it."""
