"""A route's function and what it depends on, put in the order of the calls once, when the application is made.

FastAPI reads the signatures, and documents them. It would also call them, but it solves the same tree anew at each
request, parses cookies and headers at every node of it, and keeps exit stacks that nothing here uses.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

ABSENT: Final = object()
"""What a request has none of; null is a value."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the request has, or lacks."""

    name: str
    alias: str
    where: tuple[str, ...]
    field: Any
    default: Any
    """ABSENT where there must be a value."""

    def valid(self, value: Any, problems: list[Any]) -> Any:
        """The value as the function takes it. What is wrong with it is added to the problems, in Pydantic's words."""
        if value is not ABSENT:
            valid, found = self.field.validate(value, loc=self.where)
            problems += found
            return valid
        if self.default is ABSENT:
            problems.append({"type": "missing", "loc": self.where, "msg": "Field required"})
        return self.default


def _parameter(field: Any, *where: str) -> Parameter:
    default = ABSENT if field.field_info.is_required() else field.get_default()
    return Parameter(field.name, field.alias, where, field, default)


@dataclass(frozen=True, slots=True)
class Step:
    """One function to call, with parameters of the request and what came of earlier steps."""

    call: Callable[..., Any]
    is_async: bool
    request_name: str | None
    path: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    headers: tuple[Parameter, ...]
    results: tuple[tuple[str, int], ...]


class Endpoint:
    """Calls the function of a route. Made from what FastAPI has read; a TypeError for what it does not know to do."""

    def __init__(self, dependant: Dependant) -> None:
        self._steps: list[Step] = []
        self._places: dict[Callable[..., Any], int] = {}
        self._body = next((_parameter(each, "body") for each in dependant.body_params), None)
        self._add(dependant, bodies=1)
        self._last = self._steps.pop()

    @property
    def reads_body(self) -> bool:
        """Whether the function takes one."""
        return self._body is not None

    async def __call__(self, request: Request, body: Any) -> Response:
        """The function's answer. Raises RequestValidationError with everything that is wrong with the request.

        `body` is its JSON value, or ABSENT.
        """
        problems: list[Any] = []
        results: list[Any] = []
        for step in self._steps:
            arguments = _arguments(step, request, results, problems)
            if problems:
                break
            result = step.call(**arguments)
            results.append(await result if step.is_async else result)
        else:
            arguments = _arguments(self._last, request, results, problems)
        if self._body is not None:
            arguments[self._body.name] = self._body.valid(body, problems)
        if problems:
            raise RequestValidationError(problems)
        response: Response = await self._last.call(**arguments)
        return response

    def _add(self, dependant: Dependant, *, bodies: int = 0) -> int:
        call = dependant.call
        assert call is not None  # noqa: S101 - for the type checker
        if call in self._places:
            return self._places[call]
        if (
            len(dependant.body_params) > bodies
            or dependant.cookie_params
            or dependant.response_param_name
            or dependant.background_tasks_param_name
            or dependant.security_scopes_param_name
            or inspect.isgeneratorfunction(call)
            or inspect.isasyncgenfunction(call)
        ):
            message = f"{call} needs what only FastAPI can do"
            raise TypeError(message)
        results = tuple((str(each.name), self._add(each)) for each in dependant.dependencies)
        path, query, headers = (
            tuple(_parameter(each, where, each.alias) for each in fields)
            for where, fields in (
                ("path", dependant.path_params),
                ("query", dependant.query_params),
                ("header", dependant.header_params),
            )
        )
        is_async = inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(type(call).__call__)
        self._steps.append(Step(call, is_async, dependant.request_param_name, path, query, headers, results))
        return self._places.setdefault(call, len(self._steps) - 1)


def _arguments(step: Step, request: Request, results: list[Any], problems: list[Any]) -> dict[str, Any]:
    arguments: dict[str, Any] = {name: results[place] for name, place in step.results}
    for parameter in step.path:
        arguments[parameter.name] = parameter.valid(request.path_params[parameter.alias], problems)
    for parameter in step.query:
        arguments[parameter.name] = parameter.valid(request.query_params.get(parameter.alias, ABSENT), problems)
    for parameter in step.headers:
        arguments[parameter.name] = parameter.valid(request.headers.get(parameter.alias, ABSENT), problems)
    if step.request_name is not None:
        arguments[step.request_name] = request
    return arguments
