"""What an import is to make of a file: read once, and put into the order in which it is made.

What is long is in a temporary file; in memory there is of each thing what its place among the others needs.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

from pydantic_core import from_json, to_json

from doable.errors import FileUnreadable
from doable.tasks import reminders
from doable.tasks.tag_names import from_text, key_of
from doable.tasks.trees import MAX_LEVELS, MAX_TASKS
from doable.transfer.fitting import REPOSITORIES, Fitted, Fitting, text_of
from doable.transfer.found import Format, Found, KindName, NotUnderstood, Reading, Unreadable
from doable.transfer.recognising import unreadable
from doable.transfer.schemas import TOLD
from doable.transfer.telling import Outline

MAX_THINGS: Final = 100_000
SLICE: Final = 10
MAX_ROWS: Final = 30
"""So many things are made together, and about so many rows: that takes SQLite's one writer two milliseconds, for which others' writes wait.
A task may have 50 tags and 20 reminders."""

ORDER: Final[tuple[KindName, ...]] = ("list", "section", "tag", "filter", "preferences", "task")
"""What is named comes before what names it, and what reminders follow before the tasks."""


@dataclass(slots=True, eq=False)
class Thing:
    """One thing, as far as its place needs it."""

    kind: KindName
    id: str
    title: str
    line: int | None
    size: int
    """The bytes that it will take."""
    rows: int
    """The number of rows that it makes: its own, and one for each tag and reminder."""
    order: int
    """Which of its kind was made first."""
    place: str
    """Which of its kind stands first; where it is the same, the order says so."""
    of: str | None
    """The key of the list of a section or a task."""
    parent: str | None
    start: int
    end: int
    """Where the rest is."""
    above: "Thing | None" = None
    """The parent of a task."""
    root: "Thing | None" = None
    """The task at the top of its tree, once it is put there."""
    level: int = 1
    made: int = 0
    """Its place in `order` among all things."""
    stands: int = 0
    """The same by `place`."""
    is_there: bool = False
    is_left_out: bool = False


@dataclass(slots=True)
class Told:
    """A list of which the first are told."""

    total: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)

    def add(self, what: str, line: int | None, of: str | None) -> None:
        """One more."""
        self.total += 1
        if len(self.items) < TOLD:
            self.items.append({"what": text_of(what), "line": line, "of": of and text_of(of)})


class Plan:
    """The things of a file, in the order in which they are made. To be closed."""

    def __init__(self, format_: Format, owner_id: str, fitting: Fitting) -> None:
        self.format = format_.name
        self._read = format_.read
        self._owner_id = owner_id
        self._fitting = fitting
        self.things: list[Thing] = []
        self.told = Told()
        self.found: dict[KindName, int] = {}
        self.whereabouts: tuple[str, str] | None = None
        """The time zone, and the time of reminders of whole days, by which the file's own reminders come."""
        self._by_key: dict[tuple[str, str], Thing] = {}
        self._tags: dict[str, str] = {}
        self._before: dict[bytes, int] = {}

        self._rest = TemporaryFile()  # noqa: SIM115 - see close

    def close(self) -> None:
        """What it keeps on the disk is gone."""
        self._rest.close()

    def read(self, file: BinaryIO, reading: Reading) -> None:
        """Read the file, and put what is in it in order. Raises FileUnreadable."""
        file.seek(0)
        try:
            for each in self._read(file, reading):
                if isinstance(each, NotUnderstood):
                    self.told.add(each.what, each.line, each.of)
                else:
                    self._add(each)
        except Unreadable as error:
            raise unreadable(error) from error
        if self.whereabouts is None and self.format == "doable":
            self.whereabouts = ("UTC", "09:00:00")
        self._add_tags()
        self._put_in_order()

    def _add(self, found: Found) -> None:
        self.found[found.kind] = self.found.get(found.kind, 0) + 1
        if len(self.things) >= MAX_THINGS:
            message = f"There are more than {MAX_THINGS} things in it. Divide it into several files."
            raise FileUnreadable(message)
        notes: list[str] = []
        fitted = self._fitting.fit(found, notes.append)
        of = None if fitted is None or found.kind == "preferences" else fitted.title
        for note in notes:
            self.told.add(note, found.line, of)
        if fitted is None:
            return
        key = text_of(found.key) if found.key is not None else self._key_of_content(found)
        if (found.kind, key) in self._by_key:
            self.told.add(f"a second {found.kind} of the same id", found.line, of)
            return
        if found.kind == "preferences":
            said = fitted.columns
            self.whereabouts = said.get("timezone", "UTC"), said.get("day_reminder_at", "09:00:00")
        self._tags |= {k: name for k, name in from_text(fitted.columns.get("tags")).items() if k not in self._tags}
        self._keep(found, key, fitted)

    def _keep(self, found: Found, key: str, fitted: Fitted) -> None:
        columns = fitted.columns
        start = self._rest.tell()
        self._rest.write(to_json({"columns": columns, "keys": fitted.keys}))
        repository = REPOSITORIES.get(found.kind)
        order = found.members.get("sequence")
        place = found.members.get("position")
        thing = Thing(
            kind=found.kind,
            id=self._id(found.kind, key),
            title=fitted.title,
            line=found.line,
            size=repository.statements.size(columns) if repository else 0,
            rows=1 + len(from_text(columns.get("tags"))) + len(reminders.from_text(columns.get("reminders"))),
            order=order if type(order) is int else len(self.things),
            place=place if isinstance(place, str) else "",
            of=fitted.keys.get("list_id"),
            parent=fitted.keys.get("parent_id"),
            start=start,
            end=self._rest.tell(),
        )
        self.things.append(thing)
        self._by_key[found.kind, key] = thing

    def _key_of_content(self, found: Found) -> str:
        """Of what the source has no id for: its content, and how often that came before."""
        # The standard library's JSON writes halves of characters as well.
        content = hashlib.sha256(json.dumps([found.kind, dict(found.members)], default=str).encode()).digest()
        before = self._before[content] = self._before.get(content, -1) + 1
        return f"\0{content.hex()}\0{before}"

    def _id(self, kind: str, key: str) -> str:
        """An own export's own id, or one that is the same whenever the same file comes."""
        if self.format == "doable":
            with suppress(ValueError):
                if str(uuid.UUID(key)) == key and key != self._owner_id:
                    return key
        return self.derived(kind, key)

    def derived(self, kind: str, key: str) -> str:
        """UUIDv5 of the owner, the format and the source's key."""
        return str(uuid.uuid5(uuid.UUID(self._owner_id), f"{self.format}\n{kind}\n{key}"))

    def _add_tags(self) -> None:
        """The tags that tasks have, and the file says nothing else of."""
        there = {key_of(each.title) for each in self.things if each.kind == "tag"}
        for key, name in self._tags.items():
            if key not in there:
                self._add(Found(kind="tag", key=key, members={"name": name}))

    def _put_in_order(self) -> None:
        number = {kind: place for place, kind in enumerate(ORDER)}
        for thing in self.things:
            if thing.kind == "section" and ("list", thing.of or "") not in self._by_key:
                self.told.add("a section of no list", thing.line, thing.title)
                thing.is_left_out = True
        self.things = [thing for thing in self.things if not thing.is_left_out]
        self._plant()
        for rank, thing in enumerate(sorted(self.things, key=lambda each: (number[each.kind], each.order))):
            thing.made = rank
        by_place = sorted(self.things, key=lambda each: (number[each.kind], each.place, each.order))
        for rank, thing in enumerate(by_place):
            thing.stands = rank
        self.things.sort(key=lambda each: (number[each.kind], (each.root or each).made, each.level, each.made))

    def _plant(self) -> None:
        """Put tasks below their parents, as deep as trees may be."""
        tasks = [thing for thing in self.things if thing.kind == "task"]
        below: dict[int, list[Thing]] = {}
        for thing in tasks:
            if thing.parent is not None:
                thing.above = self._by_key.get(("task", thing.parent))
                if thing.above is None:
                    self.told.add("its parent is not in the file", thing.line, thing.title)
                else:
                    below.setdefault(id(thing.above), []).append(thing)
        for thing in tasks:
            if thing.above is None:
                _grow(thing, below, self.told)
        for thing in tasks:
            if thing.root is None:  # a circle, or below one
                self.told.add("its parent, which is below itself", thing.line, thing.title)
                thing.above = None
                _grow(thing, below, self.told)

    def list_of(self, thing: Thing) -> Thing | None:
        """The list that it is in, which is that of its tree."""
        return self._by_key.get(("list", (thing.root or thing).of or ""))

    def outline(self, *, is_dry: bool) -> Outline:
        """What is in it, as a whole."""
        taken = [thing for thing in self.things if not thing.is_left_out]
        new = [thing for thing in taken if not thing.is_there]
        shown = [thing for thing in taken if thing.kind != "preferences"] if is_dry else []
        return Outline(
            format=self.format,
            total=sum(self.found.values()),
            kinds=self._kinds(taken, is_dry=is_dry),
            not_understood={"total": self.told.total, "items": self.told.items},
            whereabouts=self.whereabouts,
            new_tasks=sum(thing.kind == "task" for thing in new),
            new_bytes=sum(thing.size for thing in new),
            things=[self._shown(thing) for thing in shown[:TOLD]],
        )

    def _kinds(self, taken: Sequence[Thing], *, is_dry: bool) -> dict[KindName, dict[str, int]]:
        """The numbers of each kind: those that would be made, or none yet."""
        numbers = {}
        for kind, found in self.found.items():
            of_kind = [thing for thing in taken if thing.kind == kind]
            there = sum(thing.is_there for thing in of_kind) if is_dry else 0
            made = len(of_kind) - there if is_dry else 0
            numbers[kind] = {"found": found, "made": made, "there": there, "not_taken": found - len(of_kind)}
        return numbers

    def _shown(self, thing: Thing) -> dict[str, Any]:
        home = self.list_of(thing) if thing.kind in {"section", "task"} else None
        return {
            "kind": thing.kind,
            "id": thing.id,
            "title": thing.title,
            "line": thing.line,
            "list": None if home is None else home.title,
            "is_there": thing.is_there,
        }

    def slices(self) -> Iterator[str]:
        """The things as they are stored, as many at a time as one transaction makes."""
        names = {(kind, key): thing.id for (kind, key), thing in self._by_key.items() if not thing.is_left_out}
        taken = [thing for thing in self.things if not thing.is_left_out]
        for some in _sliced(taken):
            yield to_json([self._stored(thing, names) for thing in some]).decode()

    def _stored(self, thing: Thing, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
        self._rest.seek(thing.start)
        rest = from_json(self._rest.read(thing.end - thing.start))
        columns, keys = rest["columns"], rest["keys"]
        if thing.kind in {"section", "task"}:
            home = self.list_of(thing)
            columns["list_id"] = None if home is None or home.is_left_out else home.id
        if thing.kind == "task":
            columns["section_id"] = names.get(("section", keys.get("section_id", "")))
            columns["parent_id"] = None if thing.above is None else thing.above.id
            for name in ("next_id", "series_id"):
                key = keys.get(name, "")
                columns[name] = names.get(("task", key)) or _uuid(key)
        return {
            "kind": thing.kind,
            "id": thing.id,
            "title": thing.title,
            "line": thing.line,
            "made": thing.made,
            "stands": thing.stands,
            "columns": columns,
        }


def _uuid(text: str) -> str | None:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


def _grow(root: Thing, below: Mapping[int, list[Thing]], told: Told) -> None:
    """Put what is below this one into its place, the nearest first."""
    root.root = root
    things = [root]
    for parent in things:
        for thing in below.get(id(parent), ()):
            if thing.root is not None:
                continue  # where a circle was opened
            thing.root, thing.above, thing.level = root, parent, parent.level + 1
            if len(things) >= MAX_TASKS:
                told.add("its parent, below which there are too many tasks", thing.line, thing.title)
                thing.root, thing.above, thing.level = None, None, 1
                _grow(thing, below, told)
                continue
            if thing.level > MAX_LEVELS:
                told.add(f"its parent, which is on level {MAX_LEVELS}: it stands beside that", thing.line, thing.title)
                thing.above, thing.level = parent.above, MAX_LEVELS
            things.append(thing)


def _sliced(things: Iterable[Thing]) -> Iterator[list[Thing]]:
    some: list[Thing] = []
    rows = 0
    for thing in things:
        if some and (len(some) == SLICE or rows + thing.rows > MAX_ROWS):
            yield some
            some, rows = [], 0
        some.append(thing)
        rows += thing.rows
    if some:
        yield some
