"""What is found in a file: what the formats make of their sources, and what an import writes.

A thing found has the members of Doable's own export, so that its own format is one among the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Literal, Protocol

KindName = Literal["list", "section", "tag", "filter", "preferences", "task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing. What it names comes before it, or later in the same file."""

    kind: KindName
    members: Mapping[str, Any]
    """As an export has them. Only `name`, or `title`, must be there; what is absent is as in a new thing. A text may be
    longer than Doable takes: it is cut later. `position` is a text by which they sort: absent, they are in the order of the file. `list_id`, `section_id` and `parent_id` are keys, of the same source."""
    key: str | None = None
    """The source's own id of it. None where it has none: then its content and how often that came before tell it."""
    line: int | None = None
    """Where it is in the file, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnderstood:
    """Something that is not taken over, or not as it was. The rest of the thing that it belongs to is."""

    what: str
    """A sentence for a person, without a full stop: "the rule `every blue moon`"."""
    line: int | None = None
    of: str | None = None
    """The title of the task that it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """For whom a file is read."""

    now: datetime
    timezone: str
    """Theirs, an IANA name: where a source has an instant and means a day."""
    language: str = "en"
    filename: str = ""
    """What the file is called: some sources say only there which list it is."""


class Unreadable(Exception):
    """The file as a whole is not what its format says. Its message is a sentence for a person."""


class Format(Protocol):
    """A source. A module of `formats/` each."""

    name: str
    """As `?format=` and `--format` take it."""

    def recognises(self, filename: str, head: bytes) -> bool:
        """Whether a file of this name that begins like this is one. Of a zip, `head` is a line for each of its names."""

    def read(self, file: BinaryIO, reading: Reading) -> Iterable[Found | NotUnderstood]:
        """What is in it, in its order and in little memory. Raises Unreadable, also after the first things."""
