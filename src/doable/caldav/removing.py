"""DELETE of a list."""

from doable.caldav.exchange import Exchange, Reply, empty
from doable.caldav.paths import nothing
from doable.caldav.refusals import Refusal
from doable.caldav.repository import CalendarRepository, IsInbox, NoSuchCollection
from doable.owned.answers import gone


async def remove(exchange: Exchange) -> Reply:
    """Remove a list with all that is in it (RFC 4918, section 9.6.1), so that it can be undone."""
    repository = CalendarRepository(exchange.database, exchange.owner_id, exchange.limits)
    segment = exchange.place.collection or ""
    collection = await exchange.database.read(lambda tx: repository.collection(tx, segment))
    if collection is None:
        raise nothing()
    if collection.is_inbox:
        raise forbidden()
    try:
        await exchange.writes().in_parts(
            repository.remove_collection(collection.id), repository.empty_collection(collection.id), gone
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
