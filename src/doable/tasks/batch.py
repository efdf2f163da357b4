"""Many operations at once: all of them happen, or none."""

from collections.abc import Sequence
from typing import Annotated, Final, Literal, assert_never
from uuid import UUID

from pydantic import BeforeValidator, Field

from doable.database import Row, Transaction
from doable.database.protocol import Work
from doable.errors import Forbidden, PreconditionFailed, TaskNotFound
from doable.http.schemas import MAX_INTEGER, Input, Output
from doable.owned.repository import Revisions
from doable.tasks.repository import TaskRepository
from doable.tasks.schemas import TaskCreate, TaskPatch, TaskRead

MAX_OPERATIONS: Final = 500

# JSON has no UUIDs, so strictness would refuse every one.
Id = Annotated[UUID, Field(strict=False, examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])]


def _whole(number: object) -> object:
    """JSON has one kind of number: 7.0 is 7 (RFC 8259, section 6)."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


class _OnTask(Input):
    id: Id
    if_revision: Annotated[int, Field(ge=1, le=MAX_INTEGER), BeforeValidator(_whole)] | None = Field(
        default=None, description="Do it only if the task is at this revision.", examples=[7]
    )

    @property
    def expected(self) -> Revisions | None:
        return None if self.if_revision is None else frozenset({self.if_revision})


class CreateOperation(Input):
    """Make a task, with an id of your own or a new one."""

    op: Literal["create"] = Field(examples=["create"])
    id: Id | None = None
    task: TaskCreate


class UpdateOperation(_OnTask):
    """Change what `task` names and nothing else."""

    op: Literal["update"]
    task: TaskPatch


class StateOperation(_OnTask):
    """Complete or reopen a task."""

    op: Literal["complete", "reopen"]


class DeleteOperation(_OnTask):
    """Delete a task for good."""

    op: Literal["delete"]


Operation = Annotated[CreateOperation | UpdateOperation | StateOperation | DeleteOperation, Field(discriminator="op")]


class TaskBatch(Input):
    """What to do, in this order."""

    operations: list[Operation] = Field(
        max_length=MAX_OPERATIONS, examples=[[{"op": "create", "task": {"title": "Buy oat milk"}}]]
    )


class OperationRead(Output):
    """What came of one operation."""

    status: Literal[200, 201, 204] = Field(description="What the operation alone would have been answered.")
    id: str = Field(json_schema_extra={"format": "uuid"})
    revision: int = Field(examples=[7])
    task: TaskRead | None = Field(description="The task as it is now; null if it was deleted.")


class TaskBatchRead(Output):
    """What came of each operation, in their order."""

    results: list[OperationRead]


def perform(tasks: TaskRepository, operations: Sequence[Operation]) -> Work[TaskBatchRead]:
    """All of the operations in one transaction. The error of the one that fails has its `index`, from 0."""

    async def work(tx: Transaction) -> TaskBatchRead:
        results = []
        for index, operation in enumerate(operations):
            try:
                results.append(_result(operation, await _work_of(tasks, operation)(tx)))
            except (Forbidden, TaskNotFound, PreconditionFailed) as error:
                error.details["index"] = index
                raise
        return TaskBatchRead(results=results)

    return work


def _work_of(tasks: TaskRepository, operation: Operation) -> Work[Row]:
    match operation:
        case CreateOperation(task=task):
            return tasks.add(task.model_dump(), None if operation.id is None else str(operation.id))
        case UpdateOperation(task=task):
            changes = task.model_dump(exclude_unset=True)
            return tasks.change(str(operation.id), changes, expected=operation.expected)
        case StateOperation():
            return tasks.complete(str(operation.id), state=operation.op == "complete", expected=operation.expected)
        case DeleteOperation():
            return tasks.remove(str(operation.id), expected=operation.expected)
        case _:
            assert_never(operation)


def _result(operation: Operation, row: Row) -> OperationRead:
    if isinstance(operation, DeleteOperation):
        return OperationRead(status=204, id=row["id"], revision=row["revision"], task=None)
    status: Literal[200, 201] = 201 if isinstance(operation, CreateOperation) else 200
    return OperationRead(status=status, id=row["id"], revision=row["revision"], task=TaskRead.model_validate(row))
