"""Lists by their addresses: PROPPATCH (RFC 4918, section 9.2), MKCALENDAR (RFC 4791, section 5.3.1), extended MKCOL (RFC 5689), DELETE.

All properties are set or none: if one property cannot be set, none is, and the others are told that they failed with it (424).
"""

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from doable.caldav import xml
from doable.caldav.exchange import XML_TYPE, Exchange, Reply, empty
from doable.caldav.finding import find
from doable.caldav.paths import Kind
from doable.caldav.properties import COLOR, COMPONENT_SET, DISPLAYNAME, ORDER, RESOURCETYPE, TIMEZONE, Asked, protected
from doable.caldav.refusals import Refusal, nothing
from doable.caldav.repository import (
    CollectionChanges,
    CollectionExists,
    IsInbox,
    NoSuchCollection,
)
from doable.caldav.xml import caldav, dav
from doable.ical.lines import Malformed, components
from doable.owned.answers import Answer, gone
from doable.tasks.objects import COMPONENTS

MAX_PROPERTIES: Final = 64
"""Of a collection, besides those that every one has."""
MAX_PROPERTY_BYTES: Final = 16 * 1024
MAX_TEXT_BYTES: Final = 4 * 1024
"""Of a name or a colour."""
MAX_TOGETHER_BYTES: Final = 64 * 1024
"""Of all these: a program reads those of 500 lists at once."""
FAILED_DEPENDENCY: Final = 424

_COLLECTION: Final = {dav("collection"), caldav("calendar")}


@dataclass(slots=True)
class Failure:
    """Why a property cannot be set."""

    status: int
    condition: str | None = None
    message: str = ""


PROTECTED: Final = Failure(403, "D:cannot-modify-protected-property", "The server sets this property itself.")

TOO_LONG: Final = Failure(507, None, "This is longer than a property may be.")

TOO_MANY: Final = Failure(
    507, None, f"There are at most {MAX_PROPERTIES} such properties, with {MAX_TOGETHER_BYTES // 1024} KiB altogether."
)


@dataclass(slots=True)
class Wish:
    """What a body wants set."""

    names: dict[str, None] = field(default_factory=dict)
    """Of all that it names, in order."""
    displayname: str | None = None
    color: str | None = None
    sets_color: bool = False
    components: list[str] | None = None
    properties: dict[str, str | None] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)

    @property
    def changes(self) -> CollectionChanges:
        """For the repository."""
        changes: CollectionChanges = {}
        if self.displayname is not None:
            changes["displayname"] = self.displayname
        if self.sets_color:
            changes["color"] = self.color
        if self.properties:
            changes["properties"] = self.properties
        return changes

    def answer(self) -> str:
        """The propstats: what failed, and what did because of that; or all of it."""
        if not self.failures:
            return xml.propstat("".join(map(xml.element, self.names)), 200)
        parts = [
            xml.propstat(xml.element(name), each.status, f"<{each.condition}/>" if each.condition else "", each.message)
            for name, each in self.failures.items()
        ]
        others = [xml.element(name) for name in self.names if name not in self.failures]
        if others:
            parts.append(xml.propstat("".join(others), FAILED_DEPENDENCY))
        return "".join(parts)


async def proppatch(exchange: Exchange) -> Reply:
    """Set and remove properties of what is here."""
    root = await exchange.xml()
    if root is None or root.tag != dav("propertyupdate"):
        raise Refusal(400, message="The root of the body must be propertyupdate.")
    found = await find(exchange, exchange.place, Asked(()))
    wish = Wish()
    for action in root:
        if action.tag not in {dav("set"), dav("remove")}:
            continue
        for prop in action.iterchildren(dav("prop")):
            for each in prop:
                _wish(wish, exchange.place.kind, each, is_set=action.tag == dav("set"))
    collection = found.collection
    if collection is not None and exchange.place.kind is Kind.COLLECTION:
        _check_room(wish, collection.properties)
        if not wish.failures and wish.changes:
            try:
                await exchange.writes()(exchange.repository.change_collection(collection.id, wish.changes), _done)
            except NoSuchCollection:
                raise nothing() from None
    if exchange.is_minimal and not wish.failures:
        return empty(204, Preference_Applied="return=minimal")
    told = f"<D:response>{xml.href(exchange.addresses.of(exchange.place))}{wish.answer()}</D:response>"
    return Reply(207, xml.multistatus([told]), XML_TYPE)


async def mkcalendar(exchange: Exchange) -> Reply:
    """Make a list."""
    return await _make(exchange, caldav("mkcalendar"), "C:mkcalendar-response")


async def mkcol(exchange: Exchange) -> Reply:
    """Make a list, as the extended MKCOL does it."""
    return await _make(exchange, dav("mkcol"), "D:mkcol-response")


async def remove(exchange: Exchange) -> Reply:
    """Remove a list with all that is in it (RFC 4918, section 9.6.1), so that it can be undone."""
    segment = exchange.place.collection or ""
    collection = await exchange.database.read(lambda tx: exchange.repository.collection(tx, segment))
    if collection is None:
        raise nothing()
    if collection.is_inbox:
        raise forbidden()
    try:
        await exchange.writes().in_parts(
            exchange.repository.remove_collection(collection.id),
            exchange.repository.empty_collection(collection.id),
            gone,
        )
    except NoSuchCollection:
        raise nothing() from None
    except IsInbox:
        raise forbidden() from None
    return empty(204)


async def refuse(exchange: Exchange) -> Reply:
    """The home and the principal stay as long as the account."""
    del exchange
    raise forbidden()


def forbidden() -> Refusal:
    """The refusal to remove what is always there."""
    return Refusal(403, message="This is always there: only lists that were made can be removed.")


async def _make(exchange: Exchange, expected: str, answer: str) -> Reply:
    root = await exchange.xml()
    if root is not None and root.tag != expected:
        # RFC 4918, section 9.3: a body that is not understood.
        raise Refusal(415, message="The body is none of this method.")
    await _check_place(exchange)
    wish = Wish()
    types: set[str] | None = None
    for prop in () if root is None else root.iterfind(f"{dav('set')}/{dav('prop')}"):
        for each in prop:
            if each.tag == RESOURCETYPE:
                wish.names[RESOURCETYPE] = None
                types = {str(child.tag) for child in each}
            else:
                _wish(wish, Kind.COLLECTION, each, is_set=True, is_new=True)
    if exchange.method == "MKCOL" and types is None:
        raise Refusal(
            403, "D:valid-resourcetype", "There are only calendars here: MKCALENDAR, or MKCOL with a resourcetype."
        )
    if types is not None and types != _COLLECTION:
        wish.failures[RESOURCETYPE] = Failure(403, "D:valid-resourcetype", "There are only calendars here.")
    _check_room(wish, {})
    if wish.failures:
        # Not 207: programs take that for success, and show a list that there is not.
        status = next(iter(wish.failures.values())).status
        return Reply(status, xml.document(answer, wish.answer()), XML_TYPE, {"Cache-Control": "no-store"})
    try:
        await exchange.writes()(
            exchange.repository.make_collection(exchange.place.collection or "", wish.changes, wish.components), _done
        )
    except CollectionExists:
        raise _is_there(exchange) from None
    return empty(201)


async def _check_place(exchange: Exchange) -> None:
    """Raise Refusal where no list can be made."""
    kind = exchange.place.kind
    if kind is Kind.COLLECTION:
        return
    if kind is not Kind.OBJECT:
        raise _is_there(exchange)
    above = await exchange.database.read(
        partial(exchange.repository.collection, segment=exchange.place.collection or "")
    )
    if above is None:
        raise Refusal(409, message="There is no collection at the address above this one.")
    raise Refusal(403, "C:calendar-collection-location-ok", "A calendar cannot be in another one.")


def _is_there(exchange: Exchange) -> Refusal:
    # Its table has this function.
    from doable.caldav.methods import allow

    message = "There is something at this address already."
    return Refusal(405, "D:resource-must-be-null", message, headers={"Allow": allow(exchange.place.kind)})


def _done(_: object) -> Answer:
    return Answer(204, b"")


def _wish(wish: Wish, kind: Kind, element: xml.Element, *, is_set: bool, is_new: bool = False) -> None:
    """Add what is wanted of one property. What comes later counts."""
    name = str(element.tag)
    wish.names[name] = None
    wish.failures.pop(name, None)
    if kind is not Kind.COLLECTION:
        failure: Failure | None = (
            PROTECTED if name in protected(kind) else Failure(403, None, "Nothing can be set here.")
        )
    elif is_new and name == COMPONENT_SET:
        failure = _components(wish, element)
    elif name in protected(kind):
        failure = PROTECTED
    elif not is_set:
        failure = _remove(wish, name)
    else:
        failure = _SET.get(name, _set_any)(wish, element)
    if failure is not None:
        wish.failures[name] = failure


def _remove(wish: Wish, name: str) -> Failure | None:
    if name == DISPLAYNAME:
        return Failure(403, None, "A list has a name.")
    if name == COLOR:
        wish.color, wish.sets_color = None, True
    else:
        wish.properties[name] = None
    return None


def _set_name(wish: Wish, element: xml.Element) -> Failure | None:
    text = "".join(element.itertext()).strip()
    if not text:
        return Failure(409, None, "A list has a name.")
    if len(text.encode()) > MAX_TEXT_BYTES:
        return TOO_LONG
    wish.displayname = text
    return None


def _set_color(wish: Wish, element: xml.Element) -> Failure | None:
    text = xml.text_of(element)
    if len(text.encode()) > MAX_TEXT_BYTES:
        return TOO_LONG
    wish.color, wish.sets_color = text or None, True
    return None


def _set_order(wish: Wish, element: xml.Element) -> Failure | None:
    if re.fullmatch(r"-?\d{1,18}", xml.text_of(element), re.ASCII) is None:
        return Failure(409, None, "An order is a number.")
    return _set_any(wish, element)


def _set_timezone(wish: Wish, element: xml.Element) -> Failure | None:
    try:
        calendar, *others = components(xml.text_of(element))
        zones = [each.name for each in calendar.components]
    except (Malformed, ValueError):
        zones, others = [], []
    if others or zones != ["VTIMEZONE"]:
        return Failure(403, "C:valid-calendar-data", "A time zone is a calendar with one VTIMEZONE in it.")
    return _set_any(wish, element)


def _set_any(wish: Wish, element: xml.Element) -> Failure | None:
    text = _whole(element)
    if len(text.encode()) > MAX_PROPERTY_BYTES:
        return TOO_LONG
    wish.properties[str(element.tag)] = text
    return None


def _components(wish: Wish, element: xml.Element) -> Failure | None:
    found = [str(each.get("name", "")).upper() for each in element.iterchildren(caldav("comp"))]
    if any(each not in COMPONENTS for each in found):
        return Failure(403, "C:supported-calendar-component", f"Components are {', '.join(COMPONENTS)}.")
    wish.components = list(dict.fromkeys(found)) or None
    return None


_SET: Final[Mapping[str, Callable[[Wish, xml.Element], Failure | None]]] = {
    DISPLAYNAME: _set_name,
    COLOR: _set_color,
    ORDER: _set_order,
    TIMEZONE: _set_timezone,
}


def _check_room(wish: Wish, there: Mapping[str, str]) -> None:
    """Fail what would be one property too many, or too much."""
    kept = {name: text for name, text in there.items() if name not in wish.properties}
    for name, text in wish.properties.items():
        if text is not None:
            kept[name] = text
            if len(kept) > MAX_PROPERTIES or sum(len(each.encode()) for each in kept.values()) > MAX_TOGETHER_BYTES:
                del kept[name]
                wish.failures[name] = TOO_MANY


def _whole(element: xml.Element) -> str:
    """The element as text that stands by itself: with its namespaces and its language."""
    from lxml import etree

    language = next(
        (
            each.get(f"{{{xml.XML}}}lang")
            for each in [element, *element.iterancestors()]
            if each.get(f"{{{xml.XML}}}lang")
        ),
        None,
    )
    whole = deepcopy(element)
    whole.tail = None
    if language is not None:
        whole.set(f"{{{xml.XML}}}lang", language)
    etree.cleanup_namespaces(whole)
    return str(etree.tostring(whole, encoding="unicode"))
