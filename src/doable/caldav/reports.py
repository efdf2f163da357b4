"""Reports on a collection: calendar-multiget, calendar-query, sync-collection and free-busy-query (RFC 4791, section 7; RFC 6578)."""

from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, tzinfo
from functools import partial
from typing import Final, NamedTuple, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from doable import clock
from doable.caldav import busy, properties, revisions, xml
from doable.caldav.exchange import AT_ONCE, MANY, Exchange, Reply, beside, beside_if, multistatus
from doable.caldav.filters import CompFilter, TimeRange, read_filter, read_time_range
from doable.caldav.matching import DATED, matches
from doable.caldav.object_properties import length, listed, text_of
from doable.caldav.paths import Kind
from doable.caldav.properties import OfObjects
from doable.caldav.refusals import Refusal, nothing
from doable.caldav.repository import Collection, Listed, Removed, Resource
from doable.caldav.retrieval import WHOLE, Retrieval, read_retrieval
from doable.caldav.shaping import TooManyInstances, shaped
from doable.caldav.xml import caldav, dav
from doable.database import Transaction
from doable.ical import zones
from doable.ical.lines import components
from doable.tasks.asking import present

MOST_CHARACTERS: Final = 64 * 1024 * 1024
"""Of one answer."""
MOST_INSTANCES: Final = 20_000
"""Components that one answer has, where each instance is told by itself."""
DATA: Final = caldav("calendar-data")
TOO_MANY: Final = "D:number-of-matches-within-limits"
FEW: Final = 20
"""Objects whose texts are made at once: more are made beside the event loop."""
SHORT: Final = 256 * 1024
"""Characters of texts, likewise: a mebibyte of them takes 20 ms."""


class Asked(NamedTuple):
    """What is told of each object."""

    properties: properties.Asked
    retrieval: Retrieval | None
    """Of its text; None if that is not asked for."""

    @property
    def is_shaped(self) -> bool:
        """Whether texts are told otherwise than they are."""
        return self.retrieval not in (None, WHOLE)


async def multiget(exchange: Exchange, root: xml.Element) -> Reply:
    """The objects at these addresses. Each that is not there is told so."""
    asked, collection = _asked(exchange, root), await _collection(exchange)
    names: dict[str, None] = {}
    missing: dict[str, None] = {}
    for each in root.iterchildren(dav("href")):
        said = xml.text_of(each)
        place = exchange.addresses.place(said)
        if place is None or place.kind is not Kind.OBJECT or not _is_below(exchange, place.collection, place.name):
            missing[_as_path(said)] = None
        else:
            names[place.name or ""] = None
    told, left = await _Told.of(exchange, collection, asked), [*names]
    while left and not await told.add(await _named(exchange, collection, left[:AT_ONCE])):
        del left[:AT_ONCE]
    address = partial(exchange.addresses.object, collection.name)
    not_told = [name for name in left if name not in told.by_name]
    there = {*told.by_name, *not_told}
    missing |= {address(name): None for name in names if name not in there}
    too_much = [xml.response_of_status(address(name), 507, TOO_MANY) for name in not_told]
    return await told.reply([*too_much, *(xml.response_of_status(href, 404) for href in missing)])


async def query(exchange: Exchange, root: xml.Element) -> Reply:
    """The objects that match a filter."""
    asked, collection = _asked(exchange, root), await _collection(exchange)
    filters = [*root.iterchildren(caldav("filter"))]
    if len(filters) != 1:
        raise Refusal(403, "C:valid-filter", "A query has one filter.")
    wanted = read_filter(filters[0])
    zone = await _zone(exchange, collection, root)
    most = _limit(root)
    told = _Told(exchange, collection, asked, zone)
    if exchange.place.kind is Kind.COLLECTION and exchange.depth("1") == "0":
        return await told.reply()
    kinds = _kinds(wanted)
    if kinds is not None and not told.needs_text and exchange.place.kind is Kind.COLLECTION:
        every = await exchange.database.read(lambda tx: exchange.repository.listing(tx, collection.id), long=True)
        of_kind = [each for each in every if each.component in kinds]
        await told.list(of_kind[:most])
        return await told.reply(_cut(exchange, collection) if most is not None and len(of_kind) > most else ())
    narrowed = _narrowed(wanted)
    names = [exchange.place.name] if exchange.place.name is not None else None
    async for found in _pages(exchange, collection, narrowed, names):
        if await told.add(found, wanted, most):
            return await told.reply(_cut(exchange, collection))
    return await told.reply()


async def sync(exchange: Exchange, root: xml.Element) -> Reply:
    """What has changed in a collection since a token."""
    asked = _asked(exchange, root)
    level, said = root.find(dav("sync-level")), root.find(dav("sync-token"))
    # Drafts had Depth for it. Nothing is below an object, so that all levels are one.
    if level is not None and xml.text_of(level) not in {"1", "infinite", "infinity"}:
        raise Refusal(400, message="sync-level is 1 or infinite.")
    most = _limit(root)

    async def work(tx: Transaction) -> tuple[Collection, Sequence[Listed | Removed], int, bool]:
        collection = await exchange.repository.collection(tx, exchange.place.collection or "")
        if collection is None:
            raise nothing()
        since = 0 if said is None else await _since(tx, exchange, collection, xml.text_of(said))
        page = await exchange.repository.changed(tx, collection.id, since, limit=most)
        return collection, page.entries, page.token, page.has_more

    collection, entries, reached, has_more = await exchange.database.read(work, long=True)
    told = await _Told.of(exchange, collection, asked)
    there = [each for each in entries if isinstance(each, Listed)]
    if not told.needs_text:
        await told.list(there)
    else:
        names = [each.name for each in there]
        for start in range(0, len(names), AT_ONCE):
            if await told.add(await _named(exchange, collection, names[start : start + AT_ONCE])):
                raise Refusal(507, TOO_MANY, "These are too many texts for one answer: ask for fewer by a limit.")
    address = partial(exchange.addresses.object, collection.name)
    after = [xml.response_of_status(address(each.name), 404) for each in entries if isinstance(each, Removed)]
    if has_more:
        after += _cut(exchange, collection)
    return await told.reply(after, f"<D:sync-token>{revisions.token(collection, reached)}</D:sync-token>")


async def free_busy(exchange: Exchange, root: xml.Element) -> Reply:
    """When the events of a collection take their owner's time."""
    collection = await _collection(exchange)
    ranges = [*root.iterchildren(caldav("time-range"))]
    if len(ranges) != 1:
        raise Refusal(400, message="A free-busy-query has one time-range.")
    wanted = read_time_range(ranges[0])
    zone = await _zone(exchange, collection, None)
    found: list[busy.Period] = []
    if exchange.depth("1") != "0":
        async for page in _pages(exchange, collection, _Narrowed(busy.KINDS, wanted)):
            async with exchange.turn():
                found += await beside(partial(busy.periods, [text_of(each) for each in page], wanted, zone))
    return Reply(200, busy.written_of(found, wanted, clock.now()).encode(), "text/calendar; charset=utf-8")


async def _since(tx: Transaction, exchange: Exchange, collection: Collection, said: str) -> int:
    """The revision of a token, 0 of none. Raises Refusal for one of another collection, or of so long ago that removals are forgotten."""
    if not said:
        return 0
    revision = revisions.revision_of(said, collection)
    if revision is not None:
        purged, newest = await exchange.repository.purged_revision(tx)
        if revision == collection.token or purged <= revision <= newest:
            return revision
    raise Refusal(403, "D:valid-sync-token", "This token is none of this collection, or too old: begin without one.")


class _Told:
    """What is told of objects, as responses by their names: one that changes meanwhile comes once more, and counts then."""

    def __init__(self, exchange: Exchange, collection: Collection, asked: Asked, zone: tzinfo) -> None:
        self._turn = exchange.turn
        self._properties = OfObjects(exchange, collection, asked.properties)
        self._retrieval = asked.retrieval
        self._is_shaped = asked.is_shaped
        self._zone = zone
        self._instances = 0
        self._characters = 0
        self.by_name: dict[str, str] = {}

    @classmethod
    async def of(cls, exchange: Exchange, collection: Collection, asked: Asked) -> Self:
        """Of a report without a filter."""
        return cls(exchange, collection, asked, await _zone(exchange, collection, None) if asked.is_shaped else UTC)

    @property
    def needs_text(self) -> bool:
        """Whether it cannot be told of a listing alone."""
        return self._retrieval is not None or self._properties.wants_length

    async def add(self, found: Sequence[Resource], wanted: CompFilter | None = None, most: int | None = None) -> bool:
        """Tell of those that match. Answers whether it has to end before the last one: there would be more than so many, or too much."""
        make = partial(self._add, found, wanted, most)
        characters = sum(len(each.row["ical_text"] or "") for each in found) if self.needs_text else 0
        is_easy = len(found) <= FEW and characters <= SHORT and wanted is None and not self._is_shaped
        if is_easy:
            return make()
        async with self._turn():
            return await beside(make)

    async def list(self, found: Sequence[Listed]) -> None:
        """Tell of these, without their texts."""

        def make() -> None:
            self.by_name.update((each.name, self._properties.response(each)) for each in found)

        await beside_if(len(found) > MANY, make)

    async def reply(self, more: Sequence[str] = (), after: str = "") -> Reply:
        """The answer, with these responses behind."""
        rows = len(self.by_name) if self._characters <= SHORT else MANY + 1
        return await multistatus(lambda: [*self.by_name.values(), *more], rows, after)

    def _add(self, found: Sequence[Resource], wanted: CompFilter | None, most: int | None) -> bool:
        for each in found:
            self.by_name.pop(each.name, None)
            text = text_of(each) if wanted is not None or self.needs_text else None
            if wanted is not None and text is not None and not matches(wanted, components(text)[0], self._zone):
                continue
            if (most is not None and len(self.by_name) >= most) or self._characters > MOST_CHARACTERS:
                return True
            self.by_name[each.name] = response = self._response(each, text)
            self._characters += len(response)
        return False

    def _response(self, each: Resource, text: str | None) -> str:
        more = []
        if text is not None and self._properties.wants_length:
            more.append(length(text))
        if text is not None and self._retrieval is not None:
            more.append(xml.element(DATA, xml.as_text(self._shaped(text, self._retrieval))))
        return self._properties.response(listed(each), *more)

    def _shaped(self, text: str, retrieval: Retrieval) -> str:
        if retrieval == WHOLE:
            return text
        try:
            made, instances = shaped(text, retrieval, self._zone)
        except TooManyInstances:
            self._instances, made = MOST_INSTANCES, ""
            instances = 1
        self._instances += instances
        if retrieval.expand is not None and self._instances > MOST_INSTANCES:
            raise Refusal(403, "C:max-instances", "There are too many instances in this range: ask for a shorter one.")
        return made


class _Narrowed(NamedTuple):
    """What the database may leave out, since it cannot match."""

    components: frozenset[str] | None = None
    wanted: TimeRange | None = None
    is_completed: bool | None = None


def _kinds(wanted: CompFilter) -> AbstractSet[str] | None:
    """The kinds of which all are meant and no others, as most programs ask; None where more is asked."""
    kinds: AbstractSet[str] = DATED
    for each in wanted.comps:
        if each.name not in DATED or each.time_range is not None or each.props or each.comps:
            return None
        kinds = kinds - {each.name} if each.is_not_defined else kinds & {each.name}
    return None if wanted.props or wanted.time_range is not None else kinds


def _narrowed(wanted: CompFilter) -> _Narrowed:
    """Of a filter: all that are in it have to match."""
    kinds = [each for each in wanted.comps if not each.is_not_defined and each.name in DATED]
    if not kinds:
        return _Narrowed()
    first = kinds[0]
    # Who has COMPLETED is completed; but not all that are completed have it.
    says_when = any(each.name == "COMPLETED" and not each.is_not_defined for each in first.props)
    is_completed = True if first.name == "VTODO" and says_when else None
    return _Narrowed(frozenset({first.name}), first.time_range, is_completed)


async def _pages(
    exchange: Exchange,
    collection: Collection,
    narrowed: _Narrowed,
    names: Sequence[str] | None = None,
) -> AsyncIterator[list[Resource]]:
    """The resources of a collection that may be meant, by their revisions: what changes meanwhile is on a later page again."""
    after = 0
    while True:

        async def work(tx: Transaction, after: int = after) -> list[Resource]:
            return await exchange.repository.resources(
                tx,
                collection.id,
                names=names,
                components=narrowed.components,
                is_completed=narrowed.is_completed,
                within=(None, None) if narrowed.wanted is None else narrowed.wanted,
                after=after,
                limit=AT_ONCE,
            )

        found = await exchange.database.read(work, long=True)
        yield found
        if len(found) < AT_ONCE:
            return
        after = found[-1].revision


def _cut(exchange: Exchange, collection: Collection) -> list[str]:
    """The response that says that there is more."""
    return [xml.response_of_status(exchange.addresses.collection(collection.name), 507, TOO_MANY)]


async def _named(exchange: Exchange, collection: Collection, names: Sequence[str]) -> list[Resource]:

    async def work(tx: Transaction) -> list[Resource]:
        return await exchange.repository.resources(tx, collection.id, names=names)

    return await exchange.database.read(work, long=len(names) > 1)


async def _collection(exchange: Exchange) -> Collection:
    """The one of the address. Raises Refusal if there is none, or nothing of the name that is in the address."""
    place = exchange.place

    async def work(tx: Transaction) -> Collection:
        found = await exchange.repository.collection(tx, place.collection or "")
        if found is None or (
            place.name is not None and await exchange.repository.find(tx, found.id, place.name) is None
        ):
            raise nothing()
        return found

    return await exchange.database.read(work)


def _asked(exchange: Exchange, root: xml.Element) -> Asked:
    """What the report wants to be told. Raises Refusal."""
    prop, retrieval = root.find(dav("prop")), None
    names = None
    if prop is not None:
        names = [each for each in properties.read_names(prop) if each != DATA]
        data = prop.find(DATA)
        retrieval = None if data is None else read_retrieval(data)
    is_names = root.find(dav("propname")) is not None
    if prop is None and not is_names and root.find(dav("allprop")) is None:
        names = []
    return Asked(properties.Asked(names, is_names=is_names, is_minimal=exchange.is_minimal), retrieval)


def _is_below(exchange: Exchange, segment: str | None, name: str | None) -> bool:
    """Whether an object is at the address of the report, or in the collection there."""
    place = exchange.place
    return segment == place.collection and place.name in {None, name}


def _as_path(said: str) -> str:
    """The href of something that is not there, as it came, but without its host."""
    try:
        parts = urlsplit(said)
    except ValueError:
        return said
    return parts.path if parts.netloc else said


def _limit(root: xml.Element) -> int | None:
    """The number of results that are wanted at most (RFC 5323, section 5.17)."""
    found = root.find(f"{dav('limit')}/{dav('nresults')}")
    if found is None:
        return None
    said = xml.text_of(found)
    if not said.isascii() or not said.isdecimal() or int(said[:10]) < 1:
        raise Refusal(400, message="nresults is a number, 1 or more.")
    return int(said[:10])


async def _zone(exchange: Exchange, collection: Collection, root: xml.Element | None) -> tzinfo:
    """In which whole days and what floats are read: the query's, else the collection's, else the user's."""
    said = None if root is None else root.find(caldav("timezone"))
    if said is not None:
        found = _zone_of(xml.text_of(said))
        if found is None:
            raise Refusal(403, "C:valid-calendar-data", "timezone is a calendar with one VTIMEZONE.")
        return found
    name = None if root is None else root.find(caldav("timezone-id"))
    if name is not None:
        if clock.known_zone(xml.text_of(name)) != xml.text_of(name):
            raise Refusal(403, "C:valid-timezone", "This time zone is not known.")
        return ZoneInfo(xml.text_of(name))
    kept = collection.properties.get(caldav("calendar-timezone"))
    found = None if kept is None else _zone_of(xml.text_of(xml.read(kept.encode())))
    if found is not None:
        return found
    here = await exchange.database.read(lambda tx: present(tx, exchange.owner_id))
    return ZoneInfo(here.zone)


def _zone_of(text: str) -> tzinfo | None:
    try:
        (calendar,) = components(text)
    except ValueError:
        return None
    return zones.zone_of(calendar)
