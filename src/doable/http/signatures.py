"""A route's function and its dependencies, read once, when the application is made.

The notation is that of `http/notes.py`, and FastAPI documents the same signatures (`http/openapi.py`). It would also call them, but it
solves the same tree anew at each request, parses cookies and headers at every node of it, and keeps exit stacks that nothing here
uses. What is not understood is refused: a declaration is either done or a TypeError before the first request.
"""

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from types import UnionType
from typing import Annotated, Any, Final, NoReturn, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qs

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from doable.http.bodies import from_body, json_body, read_body
from doable.http.notes import Depends, Header, Note, Path, Query
from doable.http.problems import TEXTS, InvalidRequest, Problems, unknown_parameter

_WHOLE: Final = re.compile(r"-?[0-9]+")

ABSENT: Final = object()
"""Stands for a value that the request does not have; null is a value."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the request has, or lacks."""

    name: str
    where: tuple[str, ...]
    """The source, and its name there."""
    annotation: Any
    """Its type, without the note."""
    note: Note | None
    """None is the body's."""
    adapter: TypeAdapter[Any]
    default: Any
    """ABSENT if there must be a value."""
    is_list: bool = False
    line_name: bytes = b""
    """A header's name as ASGI has it."""
    is_number: bool = False
    """Whether only digits will do, in an address: Pydantic would take `1.0`, `+1` and ` 1` too."""
    is_flag: bool = False
    """Whether only `true` and `false` will do, in an address: Pydantic would take `1`, `on` and `Y` too."""

    def valid(self, value: Any, problems: Problems, limits: Mapping[str, int] | None = None) -> Any:
        """The value as the function takes it. Problems with it are added to `problems`; its types may ask for the `limits`."""
        if value is ABSENT:
            if self.default is ABSENT:
                problems.add("missing", self.where, "required")
            return self.default
        try:
            return self.adapter.validate_python(value, from_attributes=True, context=limits)
        except ValidationError as error:
            problems.add_all(error, self.where)
            return None

    def in_body(self, body: bytes, problems: Problems, limits: Mapping[str, int]) -> Any:
        """The value of the JSON in the body."""
        return self.valid(from_body(body) if body else ABSENT, problems, limits)

    def in_query(self, query: Mapping[str, list[str]], problems: Problems) -> Any:
        """The value in the address, which is there once unless it is a list."""
        values = query.get(self.where[1])
        if values is None:
            return self.valid(ABSENT, problems)
        if self.is_list:
            return self.valid(values, problems)
        if len(values) > 1:
            problems.add("repeated_parameter", self.where, "must come once")
            return None
        if self.is_number and not _WHOLE.fullmatch(values[0]):
            problems.add("int_parsing", self.where, TEXTS["int_parsing"])
            return None
        if self.is_flag and values[0] not in {"true", "false"}:
            problems.add("bool_parsing", self.where, TEXTS["bool_parsing"])
            return None
        return self.valid(values[0], problems)

    def in_headers(self, headers: Sequence[tuple[bytes, bytes]], problems: Problems) -> Any:
        """The value of all header lines with this name, which are one list (RFC 9110, section 5.3)."""
        lines = [value.decode("latin-1") for name, value in headers if name == self.line_name]
        return self.valid(", ".join(lines) if lines else ABSENT, problems)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What one function asks for."""

    is_async: bool
    """A plain function is called on the event loop, so it must not wait for anything."""
    request_name: str | None
    path: Sequence[Parameter]
    query: Sequence[Parameter]
    headers: Sequence[Parameter]
    body: Parameter | None
    dependencies: Sequence[tuple[str, Callable[..., Any]]]


@dataclass(frozen=True, slots=True)
class Step:
    """One function to call, with parameters of the request and results of earlier steps."""

    call: Callable[..., Any]
    is_async: bool
    request_name: str | None
    path: Sequence[Parameter]
    query: Sequence[Parameter]
    headers: Sequence[Parameter]
    results: Sequence[tuple[str, int]]
    absent: Mapping[str, Any]
    """What the parameters of the address are that it does not have, where they need not be there."""


class Endpoint:
    """Calls the function of a route, with everything that it and its dependencies ask for.

    `path_names` are the parameters in the route's path. With `strict_query`, unknown query parameters are refused.
    """

    def __init__(
        self, function: Callable[..., Any], path_names: Collection[str] = (), *, strict_query: bool = False
    ) -> None:
        self._function = function
        self._path_names = path_names
        self._strict_query = strict_query
        self._steps: list[Step] = []
        self._places: dict[Callable[..., Any], int] = {}
        self._body = _declared_by(function).body
        self._add(function)
        self._known = tuple(dict.fromkeys(each.where[1] for step in self._steps for each in step.query))
        self._last = self._steps.pop()
        if not self._last.is_async:
            _refuse(function, "a route that is no coroutine function")

    def parameters(self) -> Iterator[Parameter]:
        """What it asks for, for its documentation: first the function itself, then what it depends on. Some come twice."""
        functions = [self._function]
        while functions:
            declared = _declared_by(functions.pop())
            yield from (*declared.path, *declared.query, *declared.headers)
            if declared.body is not None:
                yield declared.body
            functions.extend(function for _, function in reversed(declared.dependencies))

    async def __call__(self, request: Request) -> Response:
        """The function's answer.

        Raises HTTPException or InvalidJSON for a body that cannot be read, and InvalidRequest with all problems of what can.
        """
        query_string = request.scope["query_string"]
        body = b"" if self._body is None else await json_body(request)
        problems = Problems()
        query = _query(query_string, problems) if query_string else {}
        results: list[Any] = []
        for step in self._steps:
            arguments = _arguments(step, request, query, results, problems)
            if problems.count:
                break
            result = step.call(**arguments)
            results.append(await result if step.is_async else result)
        else:
            arguments = _arguments(self._last, request, query, results, problems)
        if self._body is not None:
            read = partial(self._body.in_body, problems=problems, limits=request.app.limits)
            arguments[self._body.name] = await read_body(body, read)
        if self._strict_query:
            for name in query:
                if name not in self._known:
                    unknown_parameter(problems, name, self._known)
        if problems.count:
            raise InvalidRequest(problems, len(query_string) + len(body))
        response: Response = await self._last.call(**arguments)
        return response

    def _add(self, function: Callable[..., Any]) -> int:
        """The step that this function is, after the steps that it depends on."""
        if function in self._places:
            return self._places[function]
        declared = _declared_by(function)
        for each in declared.path:
            if each.where[1] not in self._path_names:
                _refuse(function, f"{each.name} is not in the path")
        if declared.body is not self._body and declared.body is not None:
            _refuse(function, declared.body.name)
        results = [(name, self._add(dependency)) for name, dependency in declared.dependencies]
        sources = (declared.path, declared.query, declared.headers)
        absent = {each.name: each.default for each in declared.query if each.default is not ABSENT}
        self._steps.append(Step(function, declared.is_async, declared.request_name, *sources, results, absent))
        return self._places.setdefault(function, len(self._steps) - 1)


@cache
def _declared_by(function: Callable[..., Any]) -> Declaration:
    """What the function asks for. Most routes ask for the same few functions, each of which is read once."""
    if (
        not inspect.isfunction(function)
        or inspect.isgeneratorfunction(function)
        or inspect.isasyncgenfunction(function)
    ):
        _refuse(function, "a class or a generator")
    hints = get_type_hints(function, include_extras=True)
    request_name = body = None
    dependencies: list[tuple[str, Callable[..., Any]]] = []
    found: dict[str, list[Parameter]] = {source: [] for source in SOURCES.values()}
    for name, declared in inspect.signature(function).parameters.items():
        annotation: Any = hints.get(name)
        default = ABSENT if declared.default is inspect.Parameter.empty else declared.default
        bare, *extras = get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)
        match [each for each in extras if isinstance(each, Depends | Note)]:
            case [] if bare is Request and default is ABSENT:
                request_name = name
            case [] if body is None and _has(bare, BaseModel):
                body = Parameter(name, ("body",), annotation, None, TypeAdapter(annotation), default)
            case [Depends() as note] if default is ABSENT:
                dependencies.append((name, note.function))
            case [Note() as note]:
                parameter = _parameter(name, bare, extras, note, default)
                if parameter is None:
                    _refuse(function, name)
                found[parameter.where[0]].append(parameter)
            case _:
                _refuse(function, name)
    is_async = inspect.iscoroutinefunction(function)
    return Declaration(
        is_async, request_name, found["path"], found["query"], found["header"], body, tuple(dependencies)
    )


SOURCES: Final[Mapping[type[Note], str]] = {Path: "path", Query: "query", Header: "header"}


_LATE: Final = ConfigDict(defer_build=True)
"""A validator is made when it is first used, as are those of bodies (`http/schemas.py`)."""


def _parameter(name: str, bare: Any, extras: Sequence[Any], note: Note, default: Any) -> Parameter | None:
    """The parameter that the note asks for; None if that cannot be read from there."""
    source = SOURCES[type(note)]
    alias = note.alias or (name.replace("_", "-") if source == "header" else name)
    is_list = _has(bare, list, tuple, set, frozenset)
    if _has(bare, BaseModel) or (is_list and source != "query"):
        return None
    annotation: Any = Annotated[bare, *(Field(**each.field) if each is note else each for each in extras)]
    return Parameter(
        name,
        (source, alias),
        annotation,
        note,
        TypeAdapter[Any](annotation, config=_LATE),
        default,
        is_list,
        alias.lower().encode(),
        is_number=_has(bare, int) and not _has(bare, bool),
        is_flag=_has(bare, bool),
    )


def _has(annotation: Any, *kinds: type) -> bool:
    """Whether it is one of these kinds, or may be."""
    if get_origin(annotation) in {Union, UnionType, Annotated}:
        return any(_has(each, *kinds) for each in get_args(annotation))
    origin = get_origin(annotation) or annotation
    return isinstance(origin, type) and issubclass(origin, kinds)


def _refuse(call: Callable[..., Any], what: str) -> NoReturn:
    message = f"{call} asks for what no request can give it: {what}"
    raise TypeError(message)


MAX_PARAMETERS: Final = 100


def _query(text: bytes, problems: Problems) -> Mapping[str, list[str]]:
    """The values in the address by name."""
    try:
        return parse_qs(text.decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        problems.add("too_many_parameters", ("query",), f"at most {MAX_PARAMETERS} parameters")
        return {}


def _arguments(
    step: Step, request: Request, query: Mapping[str, list[str]], results: Sequence[Any], problems: Problems
) -> dict[str, Any]:
    arguments: dict[str, Any] = {name: results[place] for name, place in step.results}
    for parameter in step.path:
        arguments[parameter.name] = parameter.valid(request.path_params[parameter.where[1]], problems)
    if step.query:
        arguments.update(step.absent)
        for parameter in step.query:
            if parameter.where[1] in query or parameter.default is ABSENT:
                arguments[parameter.name] = parameter.in_query(query, problems)
    for parameter in step.headers:
        arguments[parameter.name] = parameter.in_headers(request.scope["headers"], problems)
    if step.request_name is not None:
        arguments[step.request_name] = request
    return arguments
