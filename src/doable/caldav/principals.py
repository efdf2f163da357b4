"""Reports about whoever asks, and what their properties lead to (RFC 3253, section 3.8; RFC 3744, section 9).

Of principals one finds oneself alone: nobody learns who else has an account.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from doable.caldav import xml
from doable.caldav.exchange import MANY, XML_TYPE, Exchange, Reply, beside_if
from doable.caldav.finding import Found, find
from doable.caldav.paths import Kind, Place
from doable.caldav.properties import DISPLAYNAME, Asked, OfObjects, Subject, check_names, read_names, response
from doable.caldav.refusals import Refusal
from doable.caldav.repository import Listed
from doable.caldav.xml import SERVER, caldav, dav, name

_SEARCHABLE: Final = {
    DISPLAYNAME: "Name",
    name(SERVER, "email-address-set"): "E-mail address",
    caldav("calendar-user-address-set"): "Address in calendars",
    caldav("calendar-home-set"): "Where the calendars are",
}
"""What a principal can be searched for by, with its description."""

MAX_EXPANDED: Final = 1000
"""Resources that one expand-property looks at."""


async def search_properties(exchange: Exchange, root: xml.Element) -> Reply:
    """What a principal can be searched for by."""
    del exchange, root
    inner = "".join(
        f"<D:principal-search-property><D:prop>{xml.element(each)}</D:prop>"
        f'<D:description xml:lang="en">{description}</D:description></D:principal-search-property>'
        for each, description in _SEARCHABLE.items()
    )
    return Reply(200, xml.document("D:principal-search-property-set", inner), XML_TYPE)


async def search(exchange: Exchange, root: xml.Element) -> Reply:
    """The principals whose properties have these words in them: oneself, or nobody. No words at all are in everybody's."""
    searches = [*root.iterchildren(dav("property-search"))]
    found = await find(exchange, Place(Kind.PRINCIPAL, exchange.owner_id), Asked(()))
    (subject,) = found.subjects
    matches = [_matches(subject, each) for each in searches]
    is_any = root.get("test", "allof") == "anyof"
    hit = any(matches) if is_any and matches else all(matches)
    return _told([subject] if hit else [], root, exchange)


async def match(exchange: Exchange, root: xml.Element) -> Reply:
    """The principals that one is: oneself."""
    if root.find(dav("self")) is None:
        raise Refusal(403, "D:supported-report", "Only self can be asked for.")
    found = await find(exchange, Place(Kind.PRINCIPAL, exchange.owner_id), Asked(()))
    return _told(found.subjects, root, exchange)


async def expand(exchange: Exchange, root: xml.Element) -> Reply:
    """Properties, and those of the resources that their hrefs lead to."""
    depth = exchange.depth("0")
    if depth == "infinity":
        raise Refusal(403, "D:propfind-finite-depth", "Depth is 0 or 1 here.")
    expansion = _Expansion(exchange)
    responses = await expansion.responses(exchange.place, root, is_deep=depth == "1")
    return Reply(207, xml.multistatus(responses), XML_TYPE)


def _told(subjects: Sequence[Subject], root: xml.Element, exchange: Exchange) -> Reply:
    prop = root.find(dav("prop"))
    names = [] if prop is None else read_names(prop)
    if prop is not None and not names:
        # python-caldav closes it before it names what it reads.
        names = [DISPLAYNAME, caldav("calendar-home-set")]
    asked = Asked(names, is_minimal=exchange.is_minimal)
    return Reply(207, xml.multistatus([response(each, asked) for each in subjects]), XML_TYPE)


def _matches(subject: Subject, search: xml.Element) -> bool:
    """Whether each of the named properties has the words in it, without regard to case."""
    prop, words = search.find(dav("prop")), search.find(dav("match"))
    if prop is None or words is None:
        raise Refusal(400, message="A property-search has prop and match.")
    wanted = xml.text_of(words).casefold()
    return all(wanted in _text(subject, str(each.tag)) for each in prop)


def _text(subject: Subject, clark: str) -> str:
    value = subject.value(clark) if clark in _SEARCHABLE else None
    if value is None:
        return ""
    return "".join(xml.read(xml.document("D:prop", value)).itertext()).casefold()


class _Expansion:
    """One report, which counts what it looks at."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._left = MAX_EXPANDED
        self._found: dict[tuple[Place, bool], Found] = {}

    async def responses(self, place: Place, wanted: xml.Element, *, is_deep: bool = False) -> list[str]:
        """What is at this address, and with `is_deep` below it."""
        properties = {_named(each): each for each in wanted.iterchildren(dav("property"))}
        check_names(properties)
        asked = Asked([*properties], is_minimal=self._exchange.is_minimal)
        found = self._found.get((place, is_deep))
        if found is None:
            found = self._found[place, is_deep] = await find(self._exchange, place, Asked(None), is_deep=is_deep)
        told = []
        for subject in found.subjects:
            self._count()
            values = {each: subject.value(each) for each in properties}
            parts = [
                await self._expanded(each, value, properties[each])
                for each, value in values.items()
                if value is not None
            ]
            missing = [] if asked.is_minimal else [each for each, value in values.items() if value is None]
            told.append(xml.response(subject.href, "".join(parts), missing))
        if found.collection is not None:
            of_objects = OfObjects(self._exchange, found.collection, asked)
            told += await beside_if(len(found.objects) > MANY, partial(_of_all, of_objects, found.objects))
        return told

    async def _expanded(self, clark: str, value: str, wanted: xml.Element) -> str:
        """The property, with what its hrefs lead to in their place where that is asked for."""
        if wanted.find(dav("property")) is None:
            return value
        hrefs = [xml.text_of(each) for each in xml.read(xml.document("D:prop", value)).iter(dav("href"))]
        parts = []
        for href in hrefs:
            place = self._exchange.addresses.place(href)
            if place is None:
                parts.append(xml.response_of_status(href, 404))
                continue
            parts += await self.responses(place, wanted)
        return xml.element(clark, "".join(parts))

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Refusal(403, "D:number-of-matches-within-limits", "These properties lead to too much.")


def _of_all(of_objects: OfObjects, objects: Sequence[Listed]) -> list[str]:
    return [of_objects.response(each) for each in objects]


def _named(element: xml.Element) -> str:
    """The name that a `DAV:property` has in its attributes. Raises Refusal."""
    from lxml import etree

    try:
        return str(etree.QName(element.get("namespace", xml.DAV) or None, element.get("name", "")).text)
    except ValueError:
        raise Refusal(400, message="A property has a name.") from None
