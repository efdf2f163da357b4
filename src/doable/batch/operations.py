"""The operations of a batch, made from the registration of each kind, and how they are done."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, create_model

from doable.database import Database, Row, Transaction
from doable.database.protocol import Work
from doable.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, TooManyRows
from doable.http.schemas import MAX_INTEGER, Input, Output, Whole
from doable.kinds import KINDS
from doable.owned.kind import Kind
from doable.owned.kind import Operation as Special
from doable.owned.limits import Limits
from doable.owned.repository import OwnedRepository, Revisions

MAX_OPERATIONS: Final = 500
# A work of more than 50 statements is a long one. An operation has up to five, if it is not long by itself.
SHORT_BATCH: Final = 10
MAX_ROWS: Final = 5000
"""So many rows all of them may write after the first, what they take along included: nobody else writes meanwhile."""

# JSON has no UUIDs, so strictness would refuse every one.
Id = Annotated[UUID, Field(strict=False, examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])]


class OnOne(Input):
    """The members of every operation on an existing thing."""

    id: Id
    if_revision: Annotated[int, Field(ge=1, le=MAX_INTEGER), Whole] | None = Field(
        default=None, description="Do it only if it is at this revision.", examples=[7]
    )


Do = Callable[[OwnedRepository[Any], Any], Work[Row]]


@dataclass(frozen=True, slots=True)
class Registered:
    """One operation on one kind: its model, the status of its answer, and how it is done."""

    kind: Kind
    op: str
    model: type[BaseModel]
    status: int
    do: Do
    """Makes the work from the kind's repository and the operation."""

    @property
    def tag(self) -> str:
        """The name of its input in an error; for tasks it is that of the first contract."""
        return self.op if self.kind is KINDS[0] else f"{self.kind.name}-{self.op}"

    @property
    def long(self) -> bool:
        """Whether one alone may run many statements."""
        special = self.kind.operations.get(self.op)
        return special is not None and special.long


def _id_of(operation: Any) -> str | None:
    return None if operation.id is None else str(operation.id)


def _expected(operation: Any) -> Revisions | None:
    return None if operation.if_revision is None else frozenset({operation.if_revision})


def _registered(kind: Kind) -> Iterator[Registered]:
    """Making, changing, deleting, and the kind's own operations."""

    def registered(op: str, status: int, do: Do, base: type[Input], doc: str, **members: Any) -> Registered:
        # Without a kind it is a task.
        which: Any = Literal[kind.name]
        named = (which, kind.name) if kind is KINDS[0] else (which, ...)
        literal: Any = (Literal[op], Field(examples=[op]))
        name = f"{op.title()}{kind.name.title()}Operation"
        model = create_model(name, __base__=base, __doc__=doc, op=literal, kind=named, **members)
        return Registered(kind, op, model, status, do)

    def create(things: OwnedRepository[Any], operation: Any) -> Work[Row]:
        return things.add(getattr(operation, kind.name).model_dump(), _id_of(operation))

    doc = f"Make a {kind.name}, with an id of your own or a new one."
    yield registered("create", 201, create, Input, doc, id=(Id | None, None), **{kind.name: (kind.create, ...)})
    update = Special(
        f"Change the fields in `{kind.name}` and nothing else.",
        lambda things, id_, members, expected: things.change(
            id_, members[kind.name].model_dump(exclude_unset=True), expected=expected
        ),
        {kind.name: (kind.change, ...)},
    )
    delete = Special(f"Delete a {kind.name}.", lambda things, id_, _, expected: things.remove(id_, expected=expected))
    for op, special in {"update": update, "delete": delete, **kind.operations}.items():

        def do(things: Any, operation: Any, special: Any = special) -> Work[Row]:
            members = {name: getattr(operation, name) for name in special.members}
            work: Work[Row] = special.work(things, str(operation.id), members, _expected(operation))
            return work

        status = 204 if op == "delete" else 200
        yield registered(op, status, do, OnOne, special.description, **special.members)


REGISTERED: Final[Mapping[type[BaseModel], Registered]] = {
    each.model: each for kind in KINDS for each in _registered(kind)
}
_TAGS: Final = {(each.kind.name, each.op): each.tag for each in REGISTERED.values()}


def _tag_of(operation: Any) -> str | None:
    if not isinstance(operation, dict):
        return None
    kind, op = operation.get("kind", KINDS[0].name), operation.get("op")
    return _TAGS.get((kind, op)) if isinstance(kind, str) and isinstance(op, str) else None


_ONE_OF: Any = reduce(or_, (Annotated[each.model, Tag(each.tag)] for each in REGISTERED.values()))
Operation = Annotated[
    _ONE_OF,
    Discriminator(
        _tag_of,
        custom_error_type="operation_unknown",
        custom_error_message="There is no such operation on this kind: look at op and kind",
    ),
]


class Batch(Input):
    """What to do, in this order."""

    operations: list[Operation] = Field(
        max_length=MAX_OPERATIONS, fail_fast=True, examples=[[{"op": "create", "task": {"title": "Buy oat milk"}}]]
    )


class ResultRead(Output):
    """The result of one operation."""

    # The first contract's operations name no kind, and neither do their answers.
    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    status: Literal[200, 201, 204] = Field(description="The status that the operation would have got by itself.")
    id: str = Field(json_schema_extra={"format": "uuid"})
    revision: int = Field(examples=[7])


def _result_read(kind: Kind) -> type[ResultRead]:
    which: Any = (Literal[kind.name], Field(default=kind.name, description="There if the operation named it."))
    thing: Any = (kind.read | None, Field(description=f"The {kind.name} as it is now; null if it was deleted."))
    name = f"{kind.name.title()}ResultRead"
    return create_model(name, __base__=ResultRead, __doc__=ResultRead.__doc__, kind=which, **{kind.name: thing})


ANY_RESULT: Any = reduce(or_, (_result_read(kind) for kind in KINDS))


class BatchRead(Output):
    """The result of each operation, in their order."""

    results: list[ANY_RESULT]


def is_long(operations: Sequence[BaseModel]) -> bool:
    """Whether these would hold up everybody else if they ran on the event loop."""
    return len(operations) > SHORT_BATCH or any(REGISTERED[type(each)].long for each in operations)


def perform(database: Database, owner_id: str, limits: Limits, operations: Sequence[BaseModel]) -> Work[Row]:
    """All of the operations in one transaction. The error of the one that fails has its `index`, from 0."""
    things = {kind: kind.repository(database, owner_id, limits) for kind in KINDS}

    async def work(tx: Transaction) -> Row:
        results: list[Row] = []
        for index, operation in enumerate(operations):
            registered = REGISTERED[type(operation)]
            try:
                row = await registered.do(things[registered.kind], operation)(tx)
                _check_rows(row["revision"] - results[0]["revision"] if results else 0)
            except (Forbidden, NotFound, Conflict, PreconditionFailed, Invalid) as error:
                error.details["index"] = index
                if isinstance(error, Invalid) and error.where[:1] == ("path",):
                    error.where = ("body", "id")  # where an operation has what would be in the path
                raise
            results.append(_result(registered, operation, row))
        return {"results": results}

    return work


def _check_rows(number: int) -> None:
    if number > MAX_ROWS:
        raise TooManyRows


def _result(registered: Registered, operation: BaseModel, row: Row) -> Row:
    kind = registered.kind.name
    result: Row = {"status": registered.status, "id": row["id"], "revision": row["revision"]}
    if "kind" in operation.model_fields_set:
        result["kind"] = kind
    return {**result, kind: None if registered.op == "delete" else row}
