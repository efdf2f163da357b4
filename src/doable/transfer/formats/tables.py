"""Tables: CSV as the programs of this world write it."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, Final

from doable.transfer.formats.files import MAX_BYTES, decoded, lines
from doable.transfer.found import NotUnderstood, Unreadable

IsHeader = Callable[[frozenset[str]], bool]

_DELIMITERS: Final = (",", ";", "\t")
_BEFORE_HEADER: Final = 30
"""How many rows may stand before the header: TickTick has some."""
_HEAD: Final = 65536
_LAST: Final = "\x04"
"""A row behind the last: where it is not read as one, a quotation mark was never closed."""

# Else a description of more than 128 KiB would be the end of the file. It is the module's, for the process: nobody else reads CSV here.
csv.field_size_limit(MAX_BYTES)


@dataclass(frozen=True, slots=True)
class Row:
    """A row, its cells by the names of their columns."""

    line: int
    cells: dict[str, str]

    def of(self, *columns: str) -> str:
        """The first of these cells that is not empty, without white space around it."""
        return next((text for name in columns if (text := self.cells.get(name, "").strip())), "")


def column(name: str) -> str:
    """The name of a column, however it is spelled: `DATE_LANG` is `date lang`, `% Complete` is `complete`."""
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


def is_table(head: bytes, is_header: IsHeader) -> bool:
    """Whether a file that begins like this has such a header."""
    return _delimiter(decoded(head), is_header) is not None


def rows(file: BinaryIO, is_header: IsHeader) -> Iterator[Row | NotUnderstood]:
    """The rows behind the header. Raises Unreadable if there is none."""
    file.seek(0)
    delimiter = _delimiter(_head(file), is_header)
    if delimiter is None:
        raise Unreadable("none of the first lines has the names of the columns")
    reader = csv.reader(_with_last(lines(file)), delimiter=delimiter)
    names: list[str] | None = None
    line, began = 1, 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            yield NotUnderstood(what="a quotation mark that is never closed: what follows is one cell", line=began)
            return
        except csv.Error as error:
            yield NotUnderstood(what=f"the table from here on: {error}", line=line)
            return
        if cells == [_LAST]:
            return
        if cells and cells[-1].endswith(f"{_LAST}\n"):
            cells[-1] = cells[-1].removesuffix(f"{_LAST}\n")
        began, line = line, reader.line_num + 1
        if names is None:
            names = _names(cells, is_header)
        elif any(cell.strip() for cell in cells):
            yield Row(began, dict(zip(names, cells, strict=False)))
            if any(cell.strip() for cell in cells[len(names) :]):
                yield NotUnderstood(what="there are more cells than the header has", line=began)


def _head(file: BinaryIO) -> str:
    return "".join(islice(lines(file), _BEFORE_HEADER * 2))[:_HEAD]


def _with_last(text: Iterator[str]) -> Iterator[str]:
    ended = True
    for line in text:
        ended = line.endswith(("\n", "\r"))
        yield line.replace("\0", "").replace(_LAST, "")
    if not ended:
        yield "\n"
    yield f"{_LAST}\n"


def _delimiter(head: str, is_header: IsHeader) -> str | None:
    for delimiter in _DELIMITERS:
        reader = csv.reader(head.splitlines(keepends=True), delimiter=delimiter)
        try:
            if any(_names(cells, is_header) is not None for cells in islice(reader, _BEFORE_HEADER)):
                return delimiter
        except csv.Error:
            continue
    return None


def _names(cells: Sequence[str], is_header: IsHeader) -> list[str] | None:
    names = [column(cell) for cell in cells]
    return names if is_header(frozenset(names)) else None
