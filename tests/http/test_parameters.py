"""Query parameters on every route under /api/: one that is not known, or comes twice, is refused."""

import re
import uuid

from support.document import operations
from support.users import User, assert_error


def problems(user: User, method: str, path: str, query: str) -> list[tuple[list[str], str]]:
    """Of the query, and not of the body that is missing. Whatever the path names is not there."""
    own = re.sub(r"\{\w+\}", str(uuid.uuid4()), path.replace("{user_id}", "me"))
    error = assert_error(user.request(method, f"{own}?{query}"), 422, "validation_error")
    return [(each["loc"], each["type"]) for each in error["detail"] if each["loc"][:1] == ["query"]]


def test_what_is_not_known_or_comes_twice_is_refused_on_every_route(one_user: User) -> None:
    asked = 0
    for method, path, operation in operations(one_user.get("/openapi.json").json()):
        if not path.startswith("/api/"):
            continue
        unknown = [(["query", "unheard"], "unknown_parameter")]
        assert problems(one_user, method, path, "unheard=of") == unknown
        assert problems(one_user, method, path, "unheard=of&unheard=of") == unknown
        for parameter in operation.get("parameters", ()):
            name, schema = parameter["name"], parameter["schema"]
            if parameter["in"] == "query" and schema.get("type") != "array":
                asked += 1
                value = schema.get("default", schema.get("enum", ["1"])[0])
                twice = problems(one_user, method, path, f"{name}={value}&{name}={value}")
                assert twice == [(["query", name], "repeated_parameter")], path
    assert asked > 8
