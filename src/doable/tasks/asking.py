"""What a listing is asked with: ids for names, and the present moment where its owner is."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from doable import clock
from doable.database import Database, Reading, Statement
from doable.tasks import dates
from doable.tasks import tags as tags_of_tasks
from doable.tasks.conditions import Among, Between, In, Named, Of, Searched
from doable.tasks.filed_under import lists, sections, tags
from doable.tasks.listing import INBOX
from doable.tasks.moments import Present
from doable.tasks.plans import Plan
from doable.tasks.preferred import preferred
from doable.tasks.selecting import OWNER_ID
from doable.tasks.shapes import Leaf
from doable.tasks.tag_names import key_of

NAMES: Final = {
    "list": Statement(select(lists.c.id, lists.c.name).where(lists.c.owner_id == OWNER_ID)),
    "section": Statement(select(sections.c.id, sections.c.name).where(sections.c.owner_id == OWNER_ID)),
}
KEYS: Final = Statement(select(tags.c.sequence, tags.c.key, tags.c.next_name).where(tags.c.owner_id == OWNER_ID))

NOWHERE: Final = {"list": "00000000-0000-0000-0000-000000000000", "tag": -1}
"""What nothing is in, where one id is wanted and there is none."""


class Asked(NamedTuple):
    """The parameters of a listing's statements."""

    parameters: Mapping[str, Any]
    zone: str | None
    """None if it makes no difference."""


NOTHING: Final = Asked({}, None)


async def present(database: Reading, owner_id: str, timezone: str | None = None) -> Present:
    """Now, where the owner is."""
    found = await preferred(database, owner_id)
    zone = clock.known_zone(timezone or found["timezone"])
    return Present(clock.now(), zone, found["week_starts_on"], found["language"], found["day_reminder_at"])


async def ask(database: Database, owner_id: str, plan: Plan, timezone: str | None) -> Asked:
    """Look up what the listing names. What is not there is among no tasks, and no error."""
    if not plan.leaves and not plan.is_local:
        return NOTHING
    parameters: dict[str, Any] = {}
    among = {name: leaf for name, leaf in plan.leaves.items() if isinstance(leaf, Among)}
    named = await _named(database, owner_id, [each for leaf in among.values() for each in leaf.of])
    for name, leaf in among.items():
        ids = [id_ for each in leaf.of for id_ in _ids(each, owner_id, named)]
        parameters[name] = (ids[0] if ids else NOWHERE[leaf.what]) if leaf.is_single else ids
    for name, each in plan.leaves.items():
        if isinstance(each, Searched):
            parameters |= _terms(name, each)
    if not plan.is_local:
        return Asked(parameters, None)
    here = await present(database, owner_id, timezone)
    return Asked({**parameters, **parameters_of(here, plan.leaves)}, here.zone)


def parameters_of(here: Present, leaves: Mapping[str, Leaf]) -> dict[str, Any]:
    """What dates and times are compared with: now, and the bounds of what is between two moments."""
    # What has come stays so where the clock is put back.
    now_local = dates.latest_shown(here.now, here.zone).isoformat()
    found: dict[str, Any] = {"now_local": now_local, "now_at": here.now.astimezone(UTC)}
    for name, between in leaves.items():
        if isinstance(between, Between):
            found |= _bounds(here, name, between)
    return found


def _terms(name: str, searched: Searched) -> dict[str, str]:
    last = len(searched.terms) - 1
    return {f"{name}_{number}": searched.terms[min(number, last)] for number in range(searched.several)}


def _bounds(here: Present, name: str, between: Between) -> dict[str, Any]:
    bounds = {"since": between.since, "before": between.before}
    resolved = {which: here.resolve(moment) for which, moment in bounds.items() if moment is not None}
    return {
        f"{name}_{which}_{suffix}": value
        for which, found in resolved.items()
        for suffix, value in (("local", found.local), ("at", found.instant))
    }


def _ids(each: In | Of | Named, owner_id: str, named: Mapping[Named, list[Any]]) -> Iterable[Any]:
    match each:
        case In(ids):
            # The owner's own id stands for the inbox in statements, and for nothing that a client may name.
            return [owner_id if id_ == INBOX else id_ for id_ in ids if id_ != owner_id]
        case Of(_, id_):
            return [id_]
    return named[each]


async def _named(database: Database, owner_id: str, of: list[In | Of | Named]) -> dict[Named, list[Any]]:
    """The ids of what has these names, by one look at each sort of them."""
    wanted = [each for each in of if isinstance(each, Named)]
    found: dict[Named, list[Any]] = {}
    for what in ("list", "section"):
        if these := [each for each in wanted if each.what == what]:
            ids: dict[str, list[str]] = {}
            for row in await database.all(NAMES[what], owner_id=owner_id):
                ids.setdefault(key_of(row["name"]), []).append(row["id"])
            found |= {each: ids.get(key_of(each.name), []) for each in these}
    if these := [each for each in wanted if each.what == "tag"]:
        sequences = await _tags(database, owner_id, these)
        found |= {each: _of_tag(each, sequences) for each in these}
    return found


async def _tags(database: Database, owner_id: str, named: list[Named]) -> dict[str, int]:
    """The tags' sequences by their keys; one that is being renamed has two."""
    if not any(each.is_beginning for each in named):
        found = await tags_of_tasks.find(database, owner_id, {key_of(each.name) for each in named})
        return {key: tag["sequence"] for key, tag in found.items()}
    sequences = {}
    for row in await database.all(KEYS, owner_id=owner_id):
        for name in {row["key"], row["next_name"]} - {None}:
            sequences[key_of(name)] = row["sequence"]
    return sequences


def _of_tag(tag: Named, sequences: Mapping[str, int]) -> list[int]:
    key = key_of(tag.name)
    if tag.is_beginning:
        return sorted({sequence for each, sequence in sequences.items() if each.startswith(key)})
    return [sequences[key]] if key in sequences else []
