"""What each kind of thing tells of itself: its properties, by their names in Clark's notation, as the XML inside their elements."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as Some
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import quote

from doable.caldav import revisions, xml
from doable.caldav.exchange import Exchange, http_date
from doable.caldav.object_properties import LENGTH, OF_LISTED
from doable.caldav.paths import Kind, Place
from doable.caldav.refusals import Refusal
from doable.caldav.repository import Collection, Listed
from doable.caldav.xml import APPLE, SERVER, caldav, dav, name
from doable.database import Row
from doable.tasks.objects import MAX_BYTES

MAX_INSTANCES: Final = 1000
MAX_NAMES: Final = 100
"""Properties that are asked for at once."""
MAX_NAMES_LENGTH: Final = 8 * 1024

DISPLAYNAME: Final = dav("displayname")
COLOR: Final = name(APPLE, "calendar-color")
ORDER: Final = name(APPLE, "calendar-order")
TIMEZONE: Final = caldav("calendar-timezone")
COMPONENT_SET: Final = caldav("supported-calendar-component-set")
RESOURCETYPE: Final = dav("resourcetype")


@dataclass(slots=True)
class Subject:
    """What is asked for its properties, with all that they are made of."""

    exchange: Exchange
    place: Place
    user: Row
    """Its owner's row."""
    collection: Collection | None = None
    order: int = 0
    """Where the collection stands among the others."""

    @property
    def href(self) -> str:
        """Its address."""
        return self.exchange.addresses.of(self.place)

    @property
    def table(self) -> "Mapping[str, Property]":
        """What such things have."""
        return TABLES[self.place.kind]

    @property
    def dead(self) -> Mapping[str, str]:
        """What clients have set: whole elements by name."""
        return {} if self.collection is None else self.collection.properties

    def value(self, clark: str) -> str | None:
        """The element; None if it has no such property."""
        if clark in self.dead:  # the order, which has a value where nobody has set it
            return self.dead[clark]
        make = self.table.get(clark)
        inner = None if make is None else make(self)
        return None if inner is None else xml.element(clark, inner)

    @property
    def names(self) -> list[str]:
        """Of all properties that it has."""
        return [each for each in dict.fromkeys([*self.table, *self.dead]) if self.value(each) is not None]


Property = Callable[[Subject], str | None]


def _href(subject_to_path: Callable[[Subject], str]) -> Property:
    return lambda subject: xml.href(subject_to_path(subject))


def _always(inner: str) -> Property:
    return lambda _: inner


def _component_set(subject: Subject) -> str:
    components = subject.collection.components if subject.collection else ()
    return "".join(f'<C:comp name="{each}"/>' for each in sorted(components))


def _privileges(subject: Subject) -> str:
    """What the token lets its bearer do here (RFC 3744, section 5.4)."""
    exchange, kind = subject.exchange, subject.place.kind
    found = []
    if exchange.may_read:
        found += ["D:read", "D:read-current-user-privilege-set"]
        if kind is Kind.COLLECTION:
            found.append("C:read-free-busy")
    if exchange.may_write:
        found += {
            Kind.HOME: ["D:bind", "D:unbind"],
            Kind.COLLECTION: ["D:write", "D:write-properties", "D:write-content", "D:bind", "D:unbind"],
            Kind.OBJECT: ["D:write", "D:write-content"],
        }.get(kind, [])
    return "".join(f"<D:privilege><{each}/></D:privilege>" for each in found)


def _supported_reports(subject: Subject) -> str:
    # The table is of functions that tell properties.
    from doable.caldav.methods import REPORTS

    return "".join(
        f"<D:supported-report><D:report>{xml.element(each)}</D:report></D:supported-report>"
        for each in REPORTS[subject.place.kind]
    )


def _privilege(of: str, description: str, *parts: str) -> str:
    """An entry of the tree of privileges (RFC 3744, section 5.3)."""
    told = f'<D:description xml:lang="en">{description}</D:description>'
    return f"<D:supported-privilege><D:privilege><{of}/></D:privilege>{told}{''.join(parts)}</D:supported-privilege>"


SUPPORTED_PRIVILEGES: Final = _privilege(
    "D:all",
    "Everything",
    _privilege(
        "D:read",
        "Read",
        _privilege("D:read-current-user-privilege-set", "Read what one may do"),
        _privilege("C:read-free-busy", "Read when somebody is busy"),
    ),
    _privilege(
        "D:write",
        "Write",
        _privilege("D:write-properties", "Change properties"),
        _privilege("D:write-content", "Change what is there"),
        _privilege("D:bind", "Add to it"),
        _privilege("D:unbind", "Remove from it"),
    ),
)


def _email(subject: Subject) -> str | None:
    """The address, once it was shown to be the user's."""
    user = subject.user
    return None if user["email"] is None or user["email_verified_at"] is None else user["email"]


def _addresses(subject: Subject) -> str:
    email = _email(subject)
    mail = "" if email is None else xml.href(f"mailto:{quote(email, safe='@+')}")
    return f"{mail}{xml.href(subject.exchange.addresses.principal)}{xml.href(f'urn:uuid:{subject.exchange.owner_id}')}"


def _email_addresses(subject: Subject) -> str | None:
    email = _email(subject)
    return None if email is None else f"<S:email-address>{xml.as_text(email)}</S:email-address>"


def _collection_name(subject: Subject) -> str | None:
    return None if subject.collection is None else xml.as_text(subject.collection.displayname)


def _color(subject: Subject) -> str | None:
    color = None if subject.collection is None else subject.collection.color
    return None if color is None else xml.as_text(color)


def _token(subject: Subject) -> str | None:
    return None if subject.collection is None else xml.as_text(revisions.token(subject.collection))


def _modified(subject: Subject) -> str | None:
    at = None if subject.collection is None else subject.collection.updated_at
    return None if at is None else http_date(at)


def _resource_id(subject: Subject) -> str | None:
    return None if subject.collection is None else xml.href(f"urn:uuid:{subject.collection.id}")


_principal: Final = _href(lambda subject: subject.exchange.addresses.principal)

EVERYWHERE: Final[Mapping[str, Property]] = {
    RESOURCETYPE: _always("<D:collection/>"),
    dav("current-user-principal"): _principal,
    dav("principal-collection-set"): _href(lambda subject: subject.exchange.addresses.principals),
    dav("current-user-privilege-set"): _privileges,
    dav("supported-privilege-set"): _always(SUPPORTED_PRIVILEGES),
    dav("supported-report-set"): _supported_reports,
    dav("owner"): _principal,
}
"""The order is that of `propname`."""

_USER_NAME: Final[Property] = lambda subject: xml.as_text(subject.user["name"])  # noqa: E731 - a property as the others are

_HOMES: Final = {**EVERYWHERE, DISPLAYNAME: _always("Doable")}

TABLES: Final[Mapping[Kind, Mapping[str, Property]]] = {
    Kind.ROOT: _HOMES,
    Kind.PRINCIPALS: _HOMES,
    Kind.HOMES: _HOMES,
    Kind.PRINCIPAL: {
        **EVERYWHERE,
        RESOURCETYPE: _always("<D:collection/><D:principal/>"),
        DISPLAYNAME: _USER_NAME,
        dav("principal-URL"): _principal,
        dav("alternate-URI-set"): _always(""),
        dav("group-member-set"): _always(""),
        dav("group-membership"): _always(""),
        caldav("calendar-home-set"): _href(lambda subject: subject.exchange.addresses.home),
        caldav("calendar-user-address-set"): _addresses,
        name(SERVER, "email-address-set"): _email_addresses,
    },
    Kind.HOME: {**EVERYWHERE, DISPLAYNAME: _USER_NAME},
    Kind.COLLECTION: {
        **EVERYWHERE,
        RESOURCETYPE: _always("<D:collection/><C:calendar/>"),
        DISPLAYNAME: _collection_name,
        COLOR: _color,
        ORDER: lambda subject: str(subject.order),
        COMPONENT_SET: _component_set,
        caldav("supported-calendar-data"): _always('<C:calendar-data content-type="text/calendar" version="2.0"/>'),
        caldav("supported-collation-set"): _always(
            "".join(
                f"<C:supported-collation>{each}</C:supported-collation>"
                for each in ("i;ascii-casemap", "i;octet", "i;unicode-casemap")
            )
        ),
        caldav("max-resource-size"): _always(str(MAX_BYTES)),
        caldav("min-date-time"): _always("00010101T000000Z"),
        caldav("max-date-time"): _always("99991231T235959Z"),
        caldav("max-instances"): _always(str(MAX_INSTANCES)),
        name(SERVER, "getctag"): _token,
        dav("sync-token"): _token,
        dav("resource-id"): _resource_id,
        dav("getcontenttype"): _always("text/calendar"),
        dav("getlastmodified"): _modified,
    },
    Kind.OBJECT: {**EVERYWHERE, RESOURCETYPE: _always("")},
}
"""By kind of address. OfObjects tells those of objects, which have some more."""

ALL: Final = frozenset(
    map(
        dav,
        (
            "resourcetype",
            "displayname",
            "getetag",
            "getcontenttype",
            "getcontentlength",
            "getlastmodified",
            "creationdate",
        ),
    )
)
"""What `allprop` asks for, with what clients have set: those of RFC 4918, as RFCs 3744, 4791 and 6578 want it."""


class Asked(NamedTuple):
    """Which properties are wanted."""

    names: Sequence[str] | None
    """Those; None for all."""
    include: Sequence[str] = ()
    """Besides all."""
    is_names: bool = False
    """Whether only the names of those that there are."""
    is_minimal: bool = False
    """Whether it need not be told what is not there."""


def read_names(prop: xml.Element) -> list[str]:
    """The names in `DAV:prop`, each once. Raises Refusal for more than anybody asks for."""
    names = list(dict.fromkeys(str(each.tag) for each in prop))
    check_names(names)
    return names


def check_names(names: Some[str]) -> None:
    """Raise Refusal for more names than anybody asks for: each may come back with each of thousands of objects."""
    if len(names) > MAX_NAMES or sum(map(len, names)) > MAX_NAMES_LENGTH:
        raise Refusal(400, message=f"At most {MAX_NAMES} properties can be asked for at once.")


def response(subject: Subject, asked: Asked) -> str:
    """What it tells of itself."""
    if asked.is_names:
        return xml.response(subject.href, "".join(xml.element(each) for each in subject.names))
    names = asked.names
    is_all = names is None
    if names is None:
        names = [each for each in [*subject.table, *subject.dead] if each in ALL or each in subject.dead]
        names = list(dict.fromkeys([*names, *asked.include]))
    values = {each: subject.value(each) for each in names}
    found = "".join([each for each in values.values() if each is not None])
    is_silent = asked.is_minimal or (is_all and not asked.include)
    return xml.response(subject.href, found, () if is_silent else [each for each in names if values[each] is None])


class OfObjects:
    """What the objects of a collection tell of themselves. What is the same of all is made once."""

    def __init__(self, exchange: Exchange, collection: Collection, asked: Asked) -> None:
        self._above = exchange.addresses.collection(collection.name)
        constant = {each: make for each, make in TABLES[Kind.OBJECT].items() if each not in OF_LISTED}
        names = asked.names
        if names is None:
            known = [*constant, *OF_LISTED]
            usual = [each for each in known if each in ALL]
            names = [*known, LENGTH] if asked.is_names else list(dict.fromkeys([*usual, *asked.include]))
        place = Place(Kind.OBJECT, exchange.owner_id, collection.name, "")
        subject = Subject(exchange, place, {}, collection)
        self._own: list[Callable[[Listed], str]] = []
        self._missing: list[str] = []
        self.wants_length = LENGTH in names and not asked.is_names
        """Whether `others` are to have the length of the text."""
        if asked.is_names:
            self._same = "".join(map(xml.element, names))
            return
        self._same = "".join(xml.element(each, constant[each](subject) or "") for each in names if each in constant)
        self._own = [OF_LISTED[each] for each in names if each in OF_LISTED]
        if not asked.is_minimal:
            there = {*constant, *OF_LISTED, LENGTH}
            self._missing = [each for each in names if each not in there]

    def response(self, each: Listed, *others: str) -> str:
        """`DAV:response` of an object; `others` are elements of further properties, such as `C:calendar-data`."""
        own = "".join([make(each) for make in self._own])
        path = f"{self._above}{quote(each.name, safe='')}"
        return xml.response(path, f"{self._same}{own}{''.join(others)}", self._missing)


def protected(kind: Kind) -> AbstractSet[str]:
    """The properties of such things that no client sets."""
    settable = {DISPLAYNAME, COLOR, ORDER} if kind is Kind.COLLECTION else frozenset[str]()
    return (TABLES[kind].keys() | OF_LISTED.keys() | {DISPLAYNAME, LENGTH}) - settable
