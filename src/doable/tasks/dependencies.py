"""The current user's tasks, and what is asked of them."""

from functools import partial
from typing import Annotated, Any, Final, Literal, get_args
from uuid import UUID

from pydantic import AfterValidator, PlainValidator, StringConstraints, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.requests import Request

from doable.accounts.dependencies import CurrentOwnerId, repository_of
from doable.http.notes import Depends, Path, Query
from doable.http.requests import may_take_long
from doable.http.schemas import Timezone
from doable.http.signatures import MAX_PARAMETERS
from doable.tasks import filter_text, filtering, moments
from doable.tasks.conditions import (
    EACH,
    Between,
    Condition,
    Date,
    Either,
    Every,
    Has,
    In,
    Is,
    Named,
    Not,
    Of,
    OfPriority,
    Part,
    State,
    Words,
)
from doable.tasks.listing import INBOX, NONE, Listing
from doable.tasks.moments import Moment
from doable.tasks.orders import Sort
from doable.tasks.pages import TaskPages
from doable.tasks.priorities import Priority
from doable.tasks.repository import TaskRepository
from doable.tasks.tag_names import TagName
from doable.tasks.words import MAX_SEARCHED


async def task_pages(request: Request, owner_id: CurrentOwnerId) -> TaskPages:
    """The pages of one owner's tasks, which have nobody else's."""
    return TaskPages(request.app.state.database, owner_id, partial(may_take_long, request.scope))


def _id_or(word: str) -> tuple[AfterValidator, dict[str, Any]]:
    def check(value: str) -> str:
        if value == word:
            return value
        try:
            return str(UUID(value))
        except ValueError:
            raise PydanticCustomError("no_id", "must be a UUID or {word}", {"word": word}) from None

    return AfterValidator(check), {"anyOf": [{"const": word}, {"type": "string", "format": "uuid"}]}


def _moment(text: str) -> Moment:
    try:
        return moments.parse(text)
    except ValueError as error:
        raise PydanticCustomError("no_moment", "must be {expected}", {"expected": str(error)}) from None


_ID_OR_NONE, _ID_OR_NONE_SCHEMA = _id_or(NONE)
_ID_OR_INBOX, _ID_OR_INBOX_SCHEMA = _id_or(INBOX)
_WORDS: Final = {"type": "string", "enum": ["any", "none"]}

Flag = Annotated[bool | None, WithJsonSchema({"type": "boolean"})]
AnyOrNone = Annotated[Literal["any", "none"] | None, WithJsonSchema(_WORDS)]
# Any, since FastAPI takes a dataclass for a body.
MomentIn = Annotated[
    Any,
    PlainValidator(_moment),
    WithJsonSchema({"type": "string", "examples": ["today", "2026-12-01", "today+7d", "2026-12-01T09:00:00Z"]}),
]
_NAME_SCHEMA: Final = TypeAdapter(TagName).json_schema()
Names = Annotated[
    list[TagName] | None, WithJsonSchema({"type": "array", "items": _NAME_SCHEMA, "maxItems": MAX_PARAMETERS})
]


def _since(what: str) -> Any:
    return Query(
        description=f"Only those {what} at this moment or later: a date, an instant, or a word such as `today`.",
        examples=["today", "2026-12-01"],
    )


def _before(what: str) -> Any:
    return Query(description=f"Only those {what} before this moment.")


async def listing(  # noqa: PLR0913 - each is a parameter of the contract
    request: Request,
    owner_id: CurrentOwnerId,
    *,
    completed: Annotated[Flag, Query(description="Only those that are complete, or only those that are not.")] = None,
    lists: Annotated[
        list[Annotated[str, _ID_OR_INBOX]] | None,
        Query(
            alias="list", description="Only those in this list; `inbox` is that of no list. Several: in any of them."
        ),
        WithJsonSchema({"type": "array", "items": _ID_OR_INBOX_SCHEMA, "maxItems": MAX_PARAMETERS}),
    ] = None,
    section: Annotated[
        str | None,
        Query(description="Only those in this section, or in `none`."),
        _ID_OR_NONE,
        WithJsonSchema(_ID_OR_NONE_SCHEMA),
    ] = None,
    parent: Annotated[
        str | None,
        Query(description="Only the subtasks of this task; `none` is all that are nobody's subtask."),
        _ID_OR_NONE,
        WithJsonSchema(_ID_OR_NONE_SCHEMA),
    ] = None,
    tag: Annotated[
        Names, Query(description="Only those with this tag, by its name. Several: with all of them.")
    ] = None,
    any_tag: Annotated[Names, Query(description="Only those with one of these tags.")] = None,
    priority: Annotated[
        list[Priority] | None,
        Query(description="Only those of this priority. Several: of any of them."),
        WithJsonSchema({"type": "array", "items": {"type": "string", "enum": [*get_args(Priority)]}}),
    ] = None,
    due: Annotated[AnyOrNone, Query(description="Only those that are due at some time, or at none.")] = None,
    due_from: Annotated[MomentIn, _since("that are due")] = None,
    due_before: Annotated[MomentIn, _before("that are due")] = None,
    start: Annotated[AnyOrNone, Query(description="Only those that have a start, or none.")] = None,
    start_from: Annotated[MomentIn, _since("that start")] = None,
    start_before: Annotated[MomentIn, _before("that start")] = None,
    completed_from: Annotated[MomentIn, _since("that were completed")] = None,
    completed_before: Annotated[MomentIn, _before("that were completed")] = None,
    created_from: Annotated[MomentIn, _since("that were created")] = None,
    created_before: Annotated[MomentIn, _before("that were created")] = None,
    overdue: Annotated[
        Flag,
        Query(
            description="Only those that are not complete and whose day is over or whose time has come, or all others."
        ),
    ] = None,
    available: Annotated[
        Flag, Query(description="Only those whose start has come or that have none, or all others.")
    ] = None,
    recurring: Annotated[
        Flag, Query(description="Only those that are not complete and have a rule, or all others.")
    ] = None,
    archived: Annotated[Flag, Query(description="Only those in an archived list, or all others.")] = None,
    series: Annotated[
        UUID | None,
        Query(description="Only those of this series: a `series_id`."),
        WithJsonSchema({"type": "string", "format": "uuid"}),
    ] = None,
    q: Annotated[
        str | None,
        Query(
            description="Only those with all of these words in title or description, or words that begin so; words in "
            "quotation marks stand together. 1 to 200 characters, 10 words.",
            examples=["oat mi", '"oat milk" bread'],
        ),
        StringConstraints(min_length=1, max_length=MAX_SEARCHED),
        WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_SEARCHED}),
    ] = None,
    text: Annotated[
        str | None,
        Query(
            alias="filter",
            description="Only those that this filter means, such as `today & @home`. Without `completed`, only those that are "
            "not complete, unless it speaks of them; and without `archived`, none in archived lists, unless it names them.",
            examples=["today & @home", "overdue | p1 & !#Work"],
        ),
        WithJsonSchema({"type": "string", "maxLength": filter_text.MAX_LENGTH, "examples": ["today & @home"]}),
    ] = None,
    filter_id: Annotated[
        UUID | None,
        Query(description="Only those that this saved filter means, likewise; in its order, if `sort` is absent."),
        WithJsonSchema({"type": "string", "format": "uuid"}),
    ] = None,
    sort: Annotated[
        Sort | None,
        Query(
            description="`-` is the newest first. `position` needs one `list` or a `parent`, and `-completed_at` needs "
            "`completed=true`: otherwise 422 `sort_needs`.",
            examples=["due", "priority"],
        ),
        WithJsonSchema({"type": "string", "enum": [*get_args(Sort)], "default": "-created_at"}),
    ] = None,
    timezone: Annotated[
        Timezone | None,
        Query(description="Decides which day is today, in place of the time zone of your preferences."),
        WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]}),
    ] = None,
) -> Listing:
    """What is asked for, whatever the page. Raises FilterInvalid, and ReferenceNotFound for a filter that is none of the owner's."""
    filters = [] if text is None else [filter_text.parse(text, "query", "filter")]
    preferred = None
    if filter_id is not None:
        saved = await filtering.saved(request.app.state.database, owner_id, str(filter_id))
        filters.append(saved.condition)
        preferred = saved.sort
    states: dict[State, bool | None] = {
        "completed": completed,
        "overdue": overdue,
        "available": available,
        "recurring": recurring,
        "archived": archived,
    }
    said: list[Condition] = [
        Is(what) if is_so else Not(Is(what)) for what, is_so in states.items() if is_so is not None
    ]
    if lists:
        said.append(In(tuple(sorted(set(lists)))))
    places: dict[Literal["section", "parent"], str | None] = {"section": section, "parent": parent}
    said += [Not(Has(what)) if id_ == NONE else Of(what, id_) for what, id_ in places.items() if id_ is not None]
    if series is not None:
        said.append(Of("series", str(series)))
    said += [Named("tag", name) for name in sorted(set(tag or ()))]
    if any_tag:
        said.append(Either(tuple(Named("tag", name) for name in sorted(set(any_tag)))))
    if priority:
        said.append(OfPriority(tuple(sorted(set(priority)))))
    is_there: dict[Part, str | None] = {"due": due, "start": start}
    said += [Has(what) if word == "any" else Not(Has(what)) for what, word in is_there.items() if word is not None]
    dates: dict[Date, tuple[Moment | None, Moment | None]] = {
        "due": (due_from, due_before),
        "start": (start_from, start_before),
        "completed": (completed_from, completed_before),
        "created": (created_from, created_before),
    }
    if q is not None:
        said.append(Words(q))
    said += [Between(what, since, before) for what, (since, before) in dates.items() if since or before]
    if filters:
        # Who asks for a list sees what is in it.
        in_lists = True if lists else None
        said += filtering.meant(filters, completed=completed, archived=in_lists if archived is None else archived)
    if not said:
        return Listing(EACH, sort or "-created_at", timezone)
    condition = Every(tuple(said))
    named = (
        ("list", set(lists or ()) - {INBOX}),
        ("section", {section} - {None, NONE}),
        ("parent", {parent} - {None, NONE}),
    )
    return Listing(
        condition,
        sort or await filtering.order_of(condition, preferred),
        timezone,
        tuple((name, frozenset(map(str, ids))) for name, ids in named if ids),
    )


Tasks = Annotated[TaskRepository, Depends(repository_of(TaskRepository))]
Pages = Annotated[TaskPages, Depends(task_pages)]
AskedFor = Annotated[Listing, Depends(listing)]
ReminderId = Annotated[
    UUID, Path(description="The reminder's id, a UUID.", examples=["1b4e28ba-2fa1-4d2e-883f-0016d3cca427"])
]
TaskId = Annotated[UUID, Path(description="The task's id, a UUID.", examples=["0f8fad5b-d9cb-469f-a165-70867728950e"])]
