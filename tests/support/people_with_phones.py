"""People who have a calendar program as well, which puts, deletes and synchronizes while everything else happens."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from doable.ical.text import sayable
from support.dav import Phone, responses
from support.drawn import NAME, SOME, WHO
from support.ical import put, synced, text_of, todo, token_of
from support.model import DEFAULTS, Thing
from support.people import Expected, People, key_of, nth

MATCH: Final = st.sampled_from(["none", "right", "right", "any", "stale"])
PRIORITIES: Final = {"1": "high", "5": "medium", "9": "low", "0": "none"}
_SUMMARY: Final = re.compile(r"^SUMMARY[:;][^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.MULTILINE)

Copy = dict[str, str]
"""The ETags of a collection by names."""


@dataclass
class Device:
    """A calendar program, and what it has seen of each collection: all tokens, with the copy that each left."""

    phone: Phone
    seen: dict[str, list[tuple[str, Copy]]] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    """Those that it has chosen, by id and `created_at`: what was deleted and is made again is another."""
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    """What it has put last, likewise."""

    def name(self, task: Thing) -> str:
        """Of the task's resource."""
        return self.names.get((task["id"], task["created_at"]), f"{task['id']}.ics")

    def collection(self, list_id: str | None) -> str:
        """The address of a list, or of the inbox."""
        return self.phone.inbox if list_id is None else f"{self.phone.home}{list_id}/"

    def bytes_of(self, tasks: Iterable[Thing]) -> int:
        """What is stored for it of these, besides what the API shows."""
        keys = [(task["id"], task["created_at"]) for task in tasks]
        return sum(len(kept.get(key, "").encode()) for key in keys for kept in (self.names, self.texts))

    def path(self, task: Thing) -> str:
        """The address of a task."""
        return f"{self.collection(task['list_id'])}{self.name(task)}"


class PeopleWithPhones(People):
    """Three users who ask by both ways."""

    @initialize(data=st.data())
    def sign_up(self, data: st.DataObject) -> None:
        super().sign_up(data)
        self.devices = [Device(Phone(person.user)) for person in self.people]

    def teardown(self) -> None:
        for device in self.devices:
            device.phone.close()
        super().teardown()

    @rule(who=WHO, where=SOME, title=st.sampled_from(["Buy oat milk", "Käse; Brot, Öl", "🥛\\n"]), chosen=st.booleans())
    def put_a_new_task(self, who: int, where: int, title: str, *, chosen: bool) -> None:
        model, device = self.people[who].model, self.devices[who]
        lists = [None, *model.of("list")]
        list_id, id_ = lists[where % len(lists)], str(uuid.uuid4())
        priority = self.draw(st.sampled_from([*PRIORITIES]))
        tags, lines = self.draw(st.lists(NAME, max_size=2)), [f"PRIORITY:{priority}"]
        name = f"chosen {uuid.uuid4().hex}" if chosen else f"{id_}.ics"
        lines += [f"CATEGORIES:{escaped(each)}" for each in tags]
        text = todo(id_, f"SUMMARY:{escaped(title)}", *lines)
        answer = put(device.phone, f"{device.collection(list_id)}{name}", text, If_None_Match="*")
        assert answer.status_code == 201, answer.text
        has, new = self._tags(who, tags)
        said = {"title": title.strip(), "priority": PRIORITIES[priority], "tags": has, "list_id": list_id}
        expected: Expected = {("task", id_): {**DEFAULTS["task"], **said, **self._new(who, id_)}}
        self._told(who, expected, new)
        task = model.tasks[id_]
        device.texts[id_, task["created_at"]] = text
        if chosen:
            device.names[id_, task["created_at"]] = name
        assert answer.headers["etag"] == f'"{task["revision"]}"'
        assert text_of(device.phone, device.path(task)) == text

    @precondition(lambda self: self._somebody_has("task"))
    @rule(who=WHO, which=SOME, match=MATCH, what=st.sampled_from(["title", "priority", "completion", "nothing"]))
    def put_a_change(self, who: int, which: int, match: str, what: str) -> None:
        model, device = self.people[who].model, self.devices[who]
        if not model.tasks:
            return
        task = model.tasks[nth(model.tasks, which)]
        text = text_of(device.phone, device.path(task))
        changes: Thing = {}
        if what == "title":
            changes = {"title": f"Renamed at {model.revision}"}
            text = _SUMMARY.sub(f"SUMMARY:{changes['title']}", text)
        elif what == "priority":
            number, changes["priority"] = next(each for each in PRIORITIES.items() if each[1] != task["priority"])
            text = with_line(text, "PRIORITY", number)
        elif what == "completion":
            changes = {"is_completed": not task["is_completed"], "is_cancelled": False, "completed_at": ...}
            text = with_line(with_line(text, "COMPLETED", None), "PERCENT-COMPLETE", None)
            text = with_line(text, "STATUS", "NEEDS-ACTION" if task["is_completed"] else "COMPLETED")
        headers, is_right = self._preconditions(match, task)
        answer = put(device.phone, device.path(task), text, **headers)
        if not is_right:
            self._refused(who, answer.status_code)
            return
        assert answer.status_code == 204, answer.text
        self._told(who, {("task", task["id"]): changes})
        task = model.tasks[task["id"]]
        device.texts[task["id"], task["created_at"]] = text
        assert task["is_completed"] == (task["completed_at"] is not None)
        assert answer.headers["etag"] == f'"{task["revision"]}"'
        assert text_of(device.phone, device.path(task)) == text

    @precondition(lambda self: self._somebody_has("task"))
    @rule(who=WHO, which=SOME, match=MATCH)
    def delete_by_phone(self, who: int, which: int, match: str) -> None:
        model, device = self.people[who].model, self.devices[who]
        if not model.tasks:
            return
        task = model.tasks[nth(model.tasks, which)]
        headers, is_right = self._preconditions(match, task)
        answer = device.phone.dav("DELETE", device.path(task), **headers)
        if not is_right:
            self._refused(who, answer.status_code)
            return
        assert answer.status_code == 204, answer.text
        self._told(who, {("task", task["id"]): None})
        assert device.phone.get(device.path(task)).status_code == 404

    def synchronize(self, who: int) -> None:
        """A collection, since some token that it once had."""
        model, device = self.people[who].model, self.devices[who]
        list_id = self.draw(st.sampled_from([None, *model.of("list")]))
        collection = device.collection(list_id)
        seen = device.seen.setdefault(collection, [("", {})])
        token, copy = self.draw(st.sampled_from([*seen[-3:], self.draw(st.sampled_from(seen))]))
        copy, limit = dict(copy), self.draw(st.sampled_from([None, None, 1, 3]))
        while True:
            answer = synced(device.phone, collection, token, limit)
            before, token, told = token, token_of(answer), responses(answer)
            has_more = told.pop(collection, None) is not None
            assert limit is None or len(told) <= limit
            for href, found in told.items():
                name = unquote(href.rpartition("/")[2])
                if found.status == 404:
                    copy.pop(name, None)
                else:
                    copy[name] = found.text("{DAV:}getetag") or ""
            if not has_more:
                break
            assert token != before, "It goes on for ever."
        there = {device.name(task): task for task in model.tasks.values() if task["list_id"] == list_id}
        assert copy == {name: f'"{task["revision"]}"' for name, task in there.items()}
        if (token, copy) not in seen:
            seen.append((token, copy))
        assert device.phone.text(collection, "S:getctag") == token
        if there:
            task = there[self.draw(st.sampled_from([*there]))]
            got = device.phone.get(device.path(task))
            assert got.headers["etag"] == f'"{task["revision"]}"'
            summary = _SUMMARY.search(got.text)
            assert summary is not None
            said = re.sub(r"\r\n[ \t]", "", summary[0]).partition(":")[2]
            assert said == escaped(sayable(task["title"])), "GET says what the API does."

    def _tags(self, who: int, named: list[str]) -> tuple[list[str], list[str]]:
        """What a new task with these has, and those that are made by it."""
        there = {key_of(each["name"]): each["name"] for each in self.people[who].model.of("tag").values()}
        wanted = {key_of(name): name for name in reversed(named)}
        has = {key: there.get(key, name) for key, name in wanted.items()}
        return [has[key] for key in sorted(has, key=str.encode)], [has[key] for key in has if key not in there]

    def _preconditions(self, match: str, task: Thing) -> tuple[dict[str, str], bool]:
        """Headers, and whether what they say is so."""
        tags = {"right": f'"{task["revision"]}"', "any": "*", "stale": f'"{task["revision"] - 1}"'}
        return ({} if match == "none" else {"If_Match": tags[match]}), match != "stale"

    def _refused(self, who: int, status: int) -> None:
        assert status == 412
        self.touched = who
        self._follow(who, {})

    def _told(self, who: int, expected: Expected, new: list[str] | tuple[()] = ()) -> None:
        """The model follows. Every write of a program can be undone."""
        self.touched = who
        self._follow(who, expected, new)
        if self.is_undoable:
            user = self.people[who].user
            self.token = user.get(f"/api/{user.id}/undo").json()["undos"][0]["token"]


def escaped(text: str) -> str:
    """As a value of type TEXT."""
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\n", "\\n")


def with_line(text: str, name: str, value: str | None) -> str:
    """The VTODO with this property once, or without it."""
    text = re.sub(rf"^{name}[:;][^\r\n]*\r\n", "", text, flags=re.MULTILINE)
    return text if value is None else text.replace("END:VTODO", f"{name}:{value}\r\nEND:VTODO")
