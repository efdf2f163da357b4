"""What the readers of other programs' files find, as tests look at it."""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from pydantic import BaseModel

from doable.filters.schemas import FilterCreate
from doable.lists.schemas import ListCreate
from doable.sections.schemas import SectionCreate
from doable.tags.schemas import TagCreate
from doable.tasks.schemas import TaskCreate
from doable.transfer.formats.table import OTHERS
from doable.transfer.found import Format, Found, NotUnderstood, Reading

FILES: Final = Path(__file__).parent.parent / "transfer" / "files"
NOW: Final = datetime(2026, 11, 26, 12, tzinfo=UTC)
BERLIN: Final = Reading(now=NOW, timezone="Europe/Berlin")

_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "task": TaskCreate,
    "list": ListCreate,
    "section": SectionCreate,
    "tag": TagCreate,
    "filter": FilterCreate,
}
_SOME_ID: Final = "00000000-0000-4000-8000-000000000000"
_LONG: Final = {"title": 200, "name": 50, "group": 100, "description": 2000}


def head_of(content: bytes) -> bytes:
    """What a format is shown of a file."""
    if not content.startswith(b"PK"):
        return content[:4096]
    with ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.namelist()).encode()


def recognised(filename: str, content: bytes) -> str | None:
    """The name of the format that takes it."""
    return next((each.name for each in OTHERS if each.recognises(filename, head_of(content))), None)


class Inside:
    """Everything that is found in a file, with tasks by their titles."""

    def __init__(self, format_: Format, content: bytes | Path, reading: Reading = BERLIN) -> None:
        raw = content if isinstance(content, bytes) else content.read_bytes()
        file = io.BytesIO(raw)
        self.found: list[Found] = []
        self.missed: list[NotUnderstood] = []
        for each in format_.read(file, reading):
            if isinstance(each, Found):
                valid(each)
                self.found.append(each)
            else:
                assert each.what
                assert not each.what.endswith(".")
                self.missed.append(each)
        assert not file.closed

    def titles(self) -> list[str]:
        return [each.members["title"] for each in self.found if each.kind == "task"]

    def task(self, title: str) -> dict[str, Any]:
        """Its members without what only places it."""
        (members,) = (each.members for each in self.found if each.members.get("title") == title)
        return {
            k: v for k, v in members.items() if k not in {"title", "list_id", "section_id", "parent_id", "position"}
        }

    def place(self, title: str) -> dict[str, str | None]:
        """The names of its list, its section and the task above it."""
        (members,) = (each.members for each in self.found if each.members.get("title") == title)
        names = {(each.kind, each.key): each.members.get("name", each.members.get("title")) for each in self.found}
        kinds = {"list_id": "list", "section_id": "section", "parent_id": "task"}
        return {kind: names[kind, members[name]] for name, kind in kinds.items() if members.get(name)}  # type: ignore[index]

    def misses(self, title: str | None = None) -> list[str]:
        return [each.what for each in self.missed if each.of == title]


def valid(found: Found) -> None:
    """See that the thing is one that the API would take, once its texts are cut and its references are ids."""
    model = _MODELS[found.kind]
    members = {name: value for name, value in found.members.items() if name in model.model_fields}
    for name, longest in _LONG.items():
        if isinstance(members.get(name), str):
            members[name] = members[name][:longest]
    for name in ("list_id", "section_id", "parent_id"):
        if name in members:
            assert isinstance(members[name], str)
            members[name] = _SOME_ID
    if "tags" in members:
        members["tags"] = [tag[:50] for tag in members["tags"][:50]]
        members["reminders"] = members.get("reminders", [])[:20]
    model.model_validate(members)
    for name in ("completed_at", "created_at"):
        if name in found.members:
            assert datetime.fromisoformat(found.members[name]).utcoffset() == UTC.utcoffset(None)
