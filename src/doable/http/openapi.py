"""The OpenAPI document: FastAPI makes it of the routes, and repetitions are taken out of it.

FastAPI is imported when the document is made. A server that nobody asks for it starts without.
"""

import asyncio
import inspect
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from doable.http.requests import JSONRoute
from doable.http.schemas import ErrorRead
from doable.http.signatures import ABSENT

if TYPE_CHECKING:
    from fastapi.routing import APIRoute

TAGS: Final = {
    "tasks": "The tasks of the current user.",
    "lists": "The lists of the current user.",
    "sections": "The sections of the current user's lists.",
    "tags": "The tags of the current user.",
    "filters": "The saved filters of the current user.",
    "undo": "Taking writes back.",
    "moving in": "Imports: tasks of files that other programs have exported.",
    "sync": "What has changed, in pages or live.",
    "preferences": "What the current user prefers.",
    "push": "The browsers that are told of reminders.",
    "calendar": "The due dates of the current user's tasks, for calendar programs.",
    "notifications": "What the current user was reminded of.",
    "accounts": "Users, their log-ins and their API tokens.",
    "health": "Whether the server lives, and whether it can serve.",
}
SERVER: Final = "The server that this document comes from."
ADDRESSES: Final = {"Link", "Location"}
"""The headers that have an address in them."""


class Document:
    """The document of these routes. It is made when it is first asked for, and kept.

    A text whose schema names one of the `limits` as `x-setting` has that number for its `maxLength`.

    Raises TypeError at once for a tag that TAGS does not describe.
    """

    def __init__(
        self,
        routes: Sequence[JSONRoute],
        *,
        title: str,
        version: str,
        description: str,
        link: Callable[[str], str],
        limits: Mapping[str, int],
    ) -> None:
        if undescribed := {str(tag) for route in routes for tag in route.tags} - TAGS.keys():
            message = f"TAGS has no description of {', '.join(sorted(undescribed))}."
            raise TypeError(message)
        self.title = title
        self._version = version
        self._description = description
        self._routes = routes
        self._link = link
        self._limits = limits
        self._bytes: bytes | None = None
        self._lock = asyncio.Lock()

    def make(self) -> dict[str, Any]:
        """The document. Takes some hundred milliseconds."""
        from fastapi.openapi.utils import get_openapi
        from pydantic.warnings import UnsupportedFieldAttributeWarning

        routes = [route for route in self._routes if route.is_documented]
        with warnings.catch_warnings():
            # FastAPI names each body by an alias, and silences Pydantic about it while it makes the route. Ours are built later.
            warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
            document = get_openapi(
                title=self.title,
                version=self._version,
                description=self._description,
                routes=[_of_fastapi(route) for route in routes],
                servers=[{"url": self._link("") or "/", "description": SERVER}],
            )
        document["components"]["securitySchemes"] = {
            name: scheme for route in routes for name, scheme in route.security.items()
        }
        used = {tag for operation in _operations(document) for tag in operation["tags"]}
        document["tags"] = [{"name": tag, "description": TAGS[tag]} for tag in TAGS if tag in used]
        for operation in _operations(document):
            for response in operation["responses"].values():
                for name in ADDRESSES & response.get("headers", {}).keys():
                    header = response["headers"][name]
                    header["example"] = header["example"].replace("/api/", self._link("/api/"))
        for text in _texts(document):
            if setting := text.pop("x-setting", None):
                text["maxLength"] = self._limits[setting]
        document["components"]["responses"] = _shared_errors(document)
        return document

    async def read(self) -> bytes:
        """The document as it is sent. It is made in a thread, so that nobody else waits for it."""
        async with self._lock:
            if self._bytes is None:
                made = await asyncio.to_thread(self.make)
                self._bytes = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
        return self._bytes


def _of_fastapi(route: JSONRoute) -> "APIRoute":
    """The route as FastAPI would have it: with its notes, and all that is asked for in one signature."""
    from fastapi import Header, Path, Query
    from fastapi.routing import APIRoute

    async def endpoint() -> None: ...

    notes = {"path": Path, "query": Query, "header": Header}
    found: dict[tuple[str, ...], inspect.Parameter] = {}
    for each in route.signature.parameters():
        annotation = each.annotation
        if each.note is not None:
            note = notes[each.where[0]](
                alias=each.where[1], openapi_examples=each.note.openapi_examples, **each.note.field
            )
            annotation = Annotated[annotation, note]
        default = inspect.Parameter.empty if each.default is ABSENT else each.default
        found.setdefault(
            each.where,
            inspect.Parameter(
                "_".join(each.where).replace("-", "_"),
                inspect.Parameter.KEYWORD_ONLY,
                annotation=annotation,
                default=default,
            ),
        )
    endpoint.__signature__ = inspect.Signature([*found.values()])  # type: ignore[attr-defined] # `inspect` looks for it
    described: dict[str, Any] = {**route.described, "operation_id": route.name}
    described["openapi_extra"] = {
        "security": [{name: []} for name in route.security],
        **described.get("openapi_extra", {}),
    }
    return APIRoute(
        route.path,
        endpoint,
        methods=[*route.methods],
        tags=[*route.tags],
        description=inspect.getdoc(route.endpoint),
        **described,
    )


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in document["paths"].values():
        yield from operations.values()


def _texts(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for model in document["components"]["schemas"].values():
        for member in model.get("properties", {}).values():
            yield from (each for each in (member, *member.get("anyOf", [])) if each.get("type") == "string")


def _shared_errors(document: dict[str, Any]) -> dict[str, Any]:
    """The error answers by name. Each operation gets a reference to them in their place."""
    shared: dict[str, Any] = {}
    for operation in _operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:  # noqa: PLR2004 - the errors of HTTP
                name = _name_of(response)
                _complete(document, response)
                while shared.setdefault(name, response) != response:
                    name += "_"
                operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def _name_of(response: dict[str, Any]) -> str:
    """Its name, from its schema; or if that is the schema of every error, from its codes (`ForbiddenOrInsufficientScope`)."""
    content = response["content"]["application/json"]
    schema: str = content["schema"]["$ref"].rpartition("/")[2]
    if schema != ErrorRead.__name__:
        return schema.removesuffix("Read")
    return "Or".join(code.title().replace("_", "") for code in content["examples"])


def _complete(document: dict[str, Any], response: dict[str, Any]) -> None:
    """Complete the example of an error with members that only this kind of error has, such as `current`."""
    content = response["content"]["application/json"]
    members = _resolved(document, content["schema"])["properties"]
    for name in members.keys() - ErrorRead.model_fields.keys():
        for example in content["examples"].values():
            example["value"][name] = _example_of(document, members[name])


def _example_of(document: dict[str, Any], schema: dict[str, Any]) -> Any:
    """One example, made of the examples of the schema's members."""
    schema = _resolved(document, schema)
    if "anyOf" in schema:
        return _example_of(document, schema["anyOf"][0])
    if "properties" in schema:
        return {name: _example_of(document, member) for name, member in schema["properties"].items()}
    return schema["const"] if "const" in schema else schema.get("examples", [None])[0]


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return document["components"]["schemas"][name] if name else schema
