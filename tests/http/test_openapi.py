"""The OpenAPI document is valid, says everything once, and its examples are what it says that they are."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from doable.app import create_app
from doable.http.openapi import Document
from doable.http.requests import Routes
from doable.settings import Settings
from support.document import operations

URI = "urn:doable"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return create_app(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"))).document.make()


def walk(node: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every object of the document, and where it is."""
    if isinstance(node, dict):
        yield pointer, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, child in children:
        yield from walk(child, f"{pointer}/{quote(str(name).replace('~', '~0').replace('/', '~1'), safe='')}")


def examples(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every example, and where the schema is that it is of."""
    for pointer, node in walk(document):
        if "schema" in node:
            yield from ((f"{pointer}/schema", each["value"]) for each in node.get("examples", {}).values())
            if "example" in node:
                yield f"{pointer}/schema", node["example"]
        elif isinstance(node.get("examples"), list):
            yield from ((pointer, each) for each in node["examples"])


def test_a_tag_that_is_not_described_is_refused_at_start() -> None:
    router = Routes(tags=["lists", "notes"])

    @router.get("/notes")
    async def list_notes() -> None: ...

    with pytest.raises(TypeError, match=r"no description of notes\.$"):
        Document(router.routes, title="Notes", version="1", description="", link=str, limits={})


def test_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_every_example_is_as_its_schema_says(document: dict[str, Any]) -> None:
    registry: Registry[Any] = Registry().with_resource(URI, DRAFT202012.create_resource(document))
    found = list(examples(document))
    assert len(found) > 100
    for pointer, example in found:
        schema = {"$ref": f"{URI}#{pointer}"}
        checker = Draft202012Validator.FORMAT_CHECKER
        wrong = [
            error.message
            for error in Draft202012Validator(schema, registry=registry, format_checker=checker).iter_errors(example)
        ]
        assert not wrong, f"{pointer}: {wrong}"


def test_everything_that_is_said_once_is_used_and_there(document: dict[str, Any]) -> None:
    used = {node["$ref"] for _, node in walk(document) if "$ref" in node}
    there = {
        f"#/components/{kind}/{name}"
        for kind, named in document["components"].items()
        for name in named
        if kind != "securitySchemes"
    }
    assert used == there
    assert all(re.fullmatch(r"#/components/\w+/[A-Z]\w+[a-z]", reference) for reference in there)


def test_every_operation_says_what_it_is(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    assert all(tag["description"] for tag in document["tags"])
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    used = set()
    for _, path, operation in operations(document):
        assert re.fullmatch("[a-z_]+", operation["operationId"])
        used.update(operation["tags"])
        public = not path.startswith("/api/") or operation["operationId"] in PUBLIC
        assert operation["security"] == ([] if public else [{"Bearer": []}]), path
        in_path = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert in_path == set(re.findall(r"{(\w+)}", path))
        assert all(each["description"] for each in operation.get("parameters", [])), path
        for status, response in operation["responses"].items():
            assert ("$ref" in response) == (int(status) >= 400), path
    assert used == tags


PUBLIC = {"sign_up", "log_in", "refresh", "forgot_password", "reset_password", "verify_email", "resend_verification"}


def test_says_where_the_server_is(document: dict[str, Any]) -> None:
    assert [server["url"] for server in document["servers"]] == ["/"]


def test_nobody_waits_while_it_is_made(tmp_path: Path) -> None:
    """It is made once, in a thread, for all who ask at the same time."""
    made = create_app(Settings(_env_file=None, data_dir=tmp_path)).document
    calls = []
    make = made.make

    def slowly() -> dict[str, Any]:
        calls.append(1)
        time.sleep(0.2)
        return make()

    async def ask() -> list[bytes]:
        first = asyncio.gather(*[made.read() for _ in range(5)])
        turns = 0
        while not first.done():
            await asyncio.sleep(0)
            turns += 1
        assert turns > 100  # in a thread of its own it could have none
        return [*await first, await made.read()]

    vars(made)["make"] = slowly
    answers = asyncio.run(ask())
    assert len(set(answers)) == len(calls) == 1
    assert json.loads(answers[0])["openapi"].startswith("3.1")


def test_the_pages_may_be_kept(guest: httpx.Client) -> None:
    for path, kept in (
        ("/docs", "no-cache"),
        ("/redoc", "no-cache"),
        ("/openapi.json", "no-cache"),
        ("/docs/assets/redoc.standalone.js", "public, max-age=86400"),
        ("/docs/assets/swagger-ui-bundle.js", "public, max-age=86400"),
    ):
        answer = guest.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, kept)
        assert b"cdn.redoc.ly" not in answer.content
