"""MAX_DESCRIPTION_LENGTH: what it says is what is taken, told and documented."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from support.server import Server
from support.users import User, assert_error

LONGEST = 50_000


@pytest.fixture(scope="module")
def long_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server"), MAX_DESCRIPTION_LENGTH=str(LONGEST)) as running:
        yield running


def documented(server: Server) -> dict[str, Any]:
    schemas = httpx.get(f"{server.url}/openapi.json").json()["components"]["schemas"]
    return {
        name: schemas[name]["properties"]["description"]["anyOf"][0]["maxLength"]
        for name in ("TaskCreate", "TaskUpdate", "TaskPatch")
    }


def test_it_is_2000_unless_set(one_server: Server) -> None:
    assert set(documented(one_server).values()) == {2000}
    with closing(User(one_server.url)) as user:
        error = assert_error(
            user.post(user.tasks, json={"title": "a", "description": "é" * 2001}), 422, "validation_error"
        )
        assert error["detail"] == [
            {"loc": ["body", "description"], "msg": "At most 2000 characters", "type": "string_too_long"}
        ]


def test_it_may_be_50000(long_server: Server) -> None:
    assert set(documented(long_server).values()) == {LONGEST}
    assert "x-setting" not in httpx.get(f"{long_server.url}/openapi.json").text
    # Twelve bytes a character, in the longest way to write it.
    text, headers = "\N{GRINNING FACE}" * LONGEST, {"Content-Type": "application/json"}
    with closing(User(long_server.url)) as user:
        task = user.post(
            user.tasks, content=json.dumps({"title": "a", "description": text}).encode(), headers=headers
        ).json()
        path = f"{user.tasks}/{task['id']}"
        assert user.get(path).json()["description"] == text
        content = json.dumps({"description": text}).encode()
        for write in (user.put, user.patch):
            assert write(path, content=content, headers=headers).status_code == 200
        operation = {"op": "update", "id": task["id"], "task": {"description": text}}
        assert user.post(f"{user.tasks}/batch", json={"operations": [operation]}).status_code == 200
        for answer in (
            user.post(user.tasks, json={"title": "a", "description": text + "a"}),
            user.patch(path, json={"description": text + "a"}),
        ):
            error = assert_error(answer, 422, "validation_error")
            assert (error["detail"][0]["loc"], error["detail"][0]["msg"]) == (
                ["body", "description"],
                "At most 50000 characters",
            )
        # No other body may be larger for it.
        large = json.dumps({"name": "a" * 64 * 1024}).encode()
        assert_error(user.post(f"/api/{user.id}/lists", content=large, headers=headers), 413, "body_too_large")
