"""PROPFIND (RFC 4918, section 9.1), and reading what an address is of."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from doable.caldav import xml
from doable.caldav.exchange import AT_ONCE, Exchange, Reply, beside, multistatus
from doable.caldav.object_properties import length, listed, text_of
from doable.caldav.paths import Kind, Place
from doable.caldav.properties import ORDER, Asked, OfObjects, Subject, read_names, response
from doable.caldav.refusals import Refusal, nothing
from doable.caldav.repository import Collection, Listed, Resource
from doable.caldav.xml import dav
from doable.database import Row, Transaction
from doable.errors import Unauthenticated


class Found(NamedTuple):
    """What an address is of, and what is below it if that was asked for."""

    subjects: Sequence[Subject]
    collection: Collection | None = None
    """That of the objects."""
    objects: Sequence[Listed] = ()


async def propfind(exchange: Exchange) -> Reply:
    """The properties of what is here and, with `Depth: 1`, of what is in it."""
    # RFC 4918 would have infinity where nothing is said, which is refused, and helps nobody.
    depth = exchange.depth("0")
    if depth == "infinity" and exchange.place.kind is not Kind.OBJECT:
        raise Refusal(403, "D:propfind-finite-depth", "Depth is 0 or 1 here.")
    asked = read_asked(await exchange.xml(), is_minimal=exchange.is_minimal)
    found = await find(exchange, exchange.place, asked, is_deep=depth == "1")
    responses = [response(each, asked) for each in found.subjects]
    if found.collection is None:
        return await multistatus(lambda: responses, len(responses))
    of_objects = OfObjects(exchange, found.collection, asked)
    objects = found.objects
    if of_objects.wants_length:
        lengths = await _lengths(exchange, found.collection, objects)
        # What was removed meanwhile is not told of.
        told = [(each, lengths[each.name]) for each in objects if each.name in lengths]
        return await multistatus(lambda: responses + [of_objects.response(*each) for each in told], len(told))
    return await multistatus(lambda: responses + [of_objects.response(each) for each in objects], len(objects))


def read_asked(root: xml.Element | None, *, is_minimal: bool) -> Asked:
    """What the body asks for; without one, all. Raises Refusal."""
    if root is None:
        return Asked(None, is_minimal=is_minimal)
    if root.tag != dav("propfind"):
        raise Refusal(400, message="The root of the body must be propfind.")
    by_name = {str(each.tag): each for each in root}
    if len(by_name.keys() & {dav("prop"), dav("allprop"), dav("propname")}) != 1:
        raise Refusal(400, message="A propfind has one of prop, allprop and propname.")
    if dav("propname") in by_name:
        return Asked(None, is_names=True)
    if dav("prop") in by_name:
        return Asked(read_names(by_name[dav("prop")]), is_minimal=is_minimal)
    include = by_name.get(dav("include"))
    return Asked(None, () if include is None else read_names(include), is_minimal=is_minimal)


async def find(exchange: Exchange, place: Place, asked: Asked, *, is_deep: bool = False) -> Found:
    """What is at an address of the user's. Raises Refusal if there is nothing."""
    # Lists and what is in them tell nothing of it.
    user = {} if place.collection is not None else await exchange.users.find(exchange.owner_id)
    if user is None:  # removed a moment ago
        raise Unauthenticated
    needs_order = asked.names is None or ORDER in asked.names
    work = partial(_find, exchange, place, user, needs_order=needs_order, is_deep=is_deep)
    return await exchange.database.read(work, long=is_deep and place.kind is Kind.COLLECTION)


async def _find(
    exchange: Exchange,
    place: Place,
    user: Row,
    tx: Transaction,
    *,
    needs_order: bool,
    is_deep: bool,
) -> Found:
    own = exchange.owner_id
    if place.collection is None:
        below: list[Subject] = []
        if is_deep and place.kind is Kind.HOME:
            below = [
                _subject(exchange, user, each, order)
                for order, each in enumerate(await exchange.repository.collections(tx))
            ]
        elif is_deep:
            kinds = {
                Kind.ROOT: [Place(Kind.PRINCIPALS), Place(Kind.HOMES)],
                Kind.PRINCIPALS: [Place(Kind.PRINCIPAL, own)],
                Kind.HOMES: [Place(Kind.HOME, own)],
            }
            below = [Subject(exchange, each, user) for each in kinds.get(place.kind, ())]
        return Found([Subject(exchange, place, user), *below])
    order = 0
    if needs_order and place.kind is Kind.COLLECTION:
        all_of_them = await exchange.repository.collections(tx)
        named = ((at, each) for at, each in enumerate(all_of_them) if each.name == place.collection)
        order, collection = next(named, (0, None))
    else:
        collection = await exchange.repository.collection(tx, place.collection)
    if collection is None:
        raise nothing()
    if place.kind is Kind.COLLECTION:
        objects = await exchange.repository.listing(tx, collection.id) if is_deep else ()
        return Found([_subject(exchange, user, collection, order)], collection, objects)
    resource = await exchange.repository.find(tx, collection.id, place.name or "")
    if resource is None:
        raise nothing()
    return Found((), collection, [listed(resource)])


def _subject(exchange: Exchange, user: Row, collection: Collection, order: int) -> Subject:
    return Subject(exchange, Place(Kind.COLLECTION, exchange.owner_id, collection.name), user, collection, order)


async def _lengths(exchange: Exchange, collection: Collection, objects: Sequence[Listed]) -> dict[str, str]:
    """`DAV:getcontentlength` of each object by its name."""
    lengths: dict[str, str] = {}

    def measure(resources: Sequence[Resource]) -> None:
        lengths.update({each.name: length(text_of(each)) for each in resources})

    names = [each.name for each in objects]
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        wanted = partial(exchange.repository.resources, collection_id=collection.id, names=some)
        found = await exchange.database.read(wanted, long=len(some) > 1)
        async with exchange.turn():
            await beside(partial(measure, found))
    return lengths
