"""Objects by their addresses: GET, PUT, DELETE, MOVE and COPY."""

from collections.abc import Mapping
from datetime import UTC
from functools import partial
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from doable.caldav import checking, revisions, todo, xml
from doable.caldav.exchange import LARGE, Exchange, Reply, beside, beside_if, empty, http_date
from doable.caldav.object_properties import MEDIA_TYPES, text_of
from doable.caldav.occurrences import Occurrences
from doable.caldav.paths import Kind, Place
from doable.caldav.refusals import Refusal, nothing
from doable.caldav.repository import (
    Collection,
    NameTaken,
    NoSuchCollection,
    NoSuchResource,
    Put,
    Resource,
    UidTaken,
)
from doable.caldav.revisions import etag
from doable.database import Transaction
from doable.database.protocol import Work
from doable.errors import PreconditionFailed
from doable.ical.lines import components
from doable.owned.answers import Answer
from doable.owned.repository import Revisions
from doable.tasks.objects import MAX_BYTES, TASK
from doable.tasks.tables import TaskRow

T = TypeVar("T")


async def get(exchange: Exchange) -> Reply:
    """The text of an object; of HEAD, its head."""
    _, found = await _find(exchange)
    if found is None:
        raise nothing()
    tag, asked = etag(found.revision), exchange.headers.get("if-none-match")
    if revisions.is_any(asked) or found.revision in (revisions.named_by(asked) or ()):
        return empty(304, ETag=tag)
    body = (await beside_if(len(found.row["ical_text"] or "") > LARGE, partial(text_of, found))).encode()
    headers = {"ETag": tag, "Last-Modified": http_date(found.row["updated_at"])}
    return Reply(200, body, MEDIA_TYPES[found.component], headers)


async def put(exchange: Exchange) -> Reply:
    """Make an object, or change it."""
    collection, found = await _find(exchange)
    if collection is None:
        raise Refusal(409, message="There is no collection at the address above this one.")
    expected, must_be_new = _conditions(exchange, found)
    _check_media_type(exchange.headers.get("content-type"))
    try:
        body = await exchange.receive(MAX_BYTES)
    except Refusal as refusal:
        raise _as_too_large(refusal) from None
    checked = await beside_if(len(body) > LARGE, partial(checking.check, body, collection.components))
    name = exchange.place.name or ""
    work = await _putting(exchange, collection, name, found, checked, expected=expected, must_be_new=must_be_new)
    done = await _written(exchange, collection, work)
    is_known = done.revision is not None and checked.is_kept
    headers = {"ETag": etag(done.revision)} if is_known and done.revision is not None else {}
    return Reply(201 if done.is_new else 204, headers=headers)


async def delete(exchange: Exchange) -> Reply:
    """Remove an object. What is below a task stays: programs that know no subtasks would lose it."""
    collection, found = await _find(exchange)
    expected, _ = _conditions(exchange, found)
    if collection is None or found is None:
        raise nothing()
    await _written(exchange, collection, exchange.repository.remove(collection.id, found.name, expected=expected))
    return empty(204)


async def move(exchange: Exchange) -> Reply:
    """Move an object to another name or collection."""
    collection, found, to, name = await _ends(exchange)
    expected, _ = _conditions(exchange, found)
    work = exchange.repository.move(
        collection.id, found.name, to.id, name, overwrite=_overwrites(exchange), expected=expected
    )
    return _moved(await _written(exchange, to, work))


async def copy(exchange: Exchange) -> Reply:
    """Copy an object to another collection. In its own its UID would be there twice."""
    _, found, to, name = await _ends(exchange)
    expected, _ = _conditions(exchange, found)
    if expected is not None and found.revision not in expected:
        raise PreconditionFailed(current={})
    overwrites = _overwrites(exchange)
    body = text_of(found).encode()
    checked = await beside_if(len(body) > LARGE, partial(checking.check, body, to.components))
    putting = await _putting(exchange, to, name, None, checked, expected=None, must_be_new=True)

    async def work(tx: Transaction) -> Put:
        if not overwrites:
            return await putting(tx)
        there = await exchange.repository.find(tx, to.id, name)
        if there is not None:
            await exchange.repository.remove(to.id, name)(tx)
        done = await putting(tx)
        return done._replace(is_new=there is None)

    return _moved(await _written(exchange, to, work))


def _moved(done: Put) -> Reply:
    headers = {} if done.revision is None else {"ETag": etag(done.revision)}
    return Reply(201 if done.is_new else 204, headers=headers)


async def _find(exchange: Exchange) -> tuple[Collection | None, Resource | None]:
    """The collection and the object of the address."""
    return await exchange.database.read(partial(_at, exchange))


async def _at(exchange: Exchange, tx: Transaction) -> tuple[Collection | None, Resource | None]:
    place = exchange.place
    collection = await exchange.repository.collection(tx, place.collection or "")
    if collection is None:
        return None, None
    return collection, await exchange.repository.find(tx, collection.id, place.name or "")


async def _ends(exchange: Exchange) -> tuple[Collection, Resource, Collection, str]:
    """Where an object is, and where it is to be. Raises Refusal."""
    target = _destination(exchange)
    if target.kind is not Kind.OBJECT or target.name is None:
        raise Refusal(403, message="An object can only be in a collection of calendars, and under a name.")

    async def both(tx: Transaction) -> tuple[Collection | None, Resource | None, Collection | None]:
        collection, found = await _at(exchange, tx)
        return collection, found, await exchange.repository.collection(tx, target.collection or "")

    collection, found, to = await exchange.database.read(both)
    if collection is None or found is None:
        _conditions(exchange, None)
        raise nothing()
    if to is None:
        raise Refusal(409, message="There is no collection at the address above the destination.")
    if (collection.id, found.name) == (to.id, target.name):
        raise Refusal(403, message="The destination is where it is already.")
    if found.component not in to.components:
        raise checking.UnsupportedComponent
    return collection, found, to, target.name


def _destination(exchange: Exchange) -> Place:
    said = exchange.headers.get("destination", "").strip()
    if not said:
        raise Refusal(400, message="Destination must say where to.")
    try:
        parts = urlsplit(said)
        host = parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        raise Refusal(400, message="Destination is no address.") from None
    if host and host not in exchange.hosts:
        raise Refusal(502, message="The destination is on another server.")
    place = exchange.addresses.place(said)
    if place is None:
        raise Refusal(403, message="Nothing can be put at the destination.")
    return place


def _overwrites(exchange: Exchange) -> bool:
    """Whether what is at the destination may go. Raises Refusal."""
    said = exchange.headers.get("overwrite", "T").strip().upper()
    if said not in {"T", "F"}:
        raise Refusal(400, message="Overwrite is T or F.")
    return said == "T"


def _conditions(exchange: Exchange, found: Resource | None) -> tuple[Revisions | None, bool]:
    """The revisions of which the object must be at one, and whether there must be none. Raises PreconditionFailed."""
    match, none_match = (exchange.headers.get(name) for name in ("if-match", "if-none-match"))
    expected = revisions.named_by(match)
    if found is None:
        if match is not None:
            raise PreconditionFailed(current={})
    elif revisions.is_any(none_match) or found.revision in (revisions.named_by(none_match) or ()):
        raise PreconditionFailed(current={})
    return expected, revisions.is_any(none_match)


def _check_media_type(said: str | None) -> None:
    """Raise Refusal for anything but iCalendar. Some programs do not say what they send."""
    kind = (said or "").partition(";")[0].strip().lower()
    if kind not in {"", "text/calendar", "application/octet-stream"}:
        raise Refusal(415, "C:supported-calendar-data", "An object is text/calendar.")


async def _putting(
    exchange: Exchange,
    collection: Collection,
    name: str,
    found: Resource | None,
    checked: checking.Checked,
    *,
    expected: Revisions | None,
    must_be_new: bool,
) -> Work[Put]:
    """The work that writes an object. `found` is what was there a moment ago."""
    text = checked.text
    if checked.component == TASK:
        said = await beside_if(len(text) > LARGE, partial(_said, found, text, exchange.longest_description))

        def saying(there: Resource | None) -> Mapping[str, Any]:
            is_same = (there and there.revision) == (found and found.revision)
            return said if is_same else _said(there, text, exchange.longest_description)

        return exchange.repository.put_task(
            collection.id, name, checked.uid, saying, text, expected=expected, must_be_new=must_be_new
        )
    between = await beside(lambda: Occurrences(components(text)[0], checked.component, UTC).between())
    return exchange.repository.put_object(
        collection.id,
        name,
        checked.uid,
        checked.component,
        text,
        between=between,
        expected=expected,
        must_be_new=must_be_new,
    )


def _said(there: Resource | None, text: str, longest: int) -> Mapping[str, Any]:
    """The members of a task that a text changes: all of a new one."""
    is_task = there is not None and there.is_task
    if there is not None and is_task:
        said = todo.changes(text_of(there), text, longest=longest)
    else:
        said = {**todo.projected(text, longest=longest)}
    if "reminders" in said:
        stored = cast("TaskRow", there.row)["reminders"] if there is not None and is_task else None
        said["reminders"] = todo.with_ids(said["reminders"], stored)
    return said


async def _written(exchange: Exchange, collection: Collection, work: Work[T]) -> T:
    """What a work answers, once it is done. Raises Refusal for what does not fit with what is there."""
    results: list[T] = []

    def keep(result: T) -> Answer:
        results.append(result)
        return Answer(204, b"")

    try:
        await exchange.writes()(work, keep)
    except UidTaken as taken:
        other = xml.href(exchange.addresses.object(collection.name, taken.name))
        raise Refusal(
            409,
            "C:no-uid-conflict",
            "There is another object with this UID, or another UID at this address.",
            inner=other,
        ) from None
    except NoSuchCollection:
        raise Refusal(409, message="There is no such collection any longer.") from None
    except NoSuchResource:
        raise nothing() from None
    except NameTaken:
        raise PreconditionFailed(current={}) from None
    return results[-1]


def _as_too_large(refusal: Refusal) -> Refusal:
    if refusal.status != 413:  # noqa: PLR2004 - too large
        return refusal
    return Refusal(413, "C:max-resource-size", refusal.message)
