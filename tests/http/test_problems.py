"""422: the message says what is wrong and where in one sentence, and no error grows with what was sent."""

import itertools
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final

import httpx
import pytest

from support.server import Server
from support.users import User, assert_error

SCOPE: Final = {"name": "a", "scopes": ["tasks:read"]}
OPERATION: Final = {"op": "delete", "id": str(uuid.uuid4())}


@pytest.fixture(scope="module")
def alice(server: Server) -> Iterator[User]:
    """One for all: nothing here changes anything."""
    with closing(User(server.url)) as user:
        yield user


def task(body: Any) -> Callable[[User], httpx.Response]:
    return lambda user: user.post(user.tasks, json=body)


def tasks(**query: str) -> Callable[[User], httpx.Response]:
    return lambda user: user.get(user.tasks, params=query)


def state(body: Any) -> Callable[[User], httpx.Response]:
    return lambda user: user.patch(f"{user.tasks}/{uuid.uuid4()}/complete", json=body)


def batch(*operations: Any) -> Callable[[User], httpx.Response]:
    return lambda user: user.post(f"{user.tasks}/batch", json={"operations": operations})


def token(**body: Any) -> Callable[[User], httpx.Response]:
    return lambda user: user.post("/api/auth/tokens", json={**SCOPE, **body})


def sign_up(**body: Any) -> Callable[[User], httpx.Response]:
    return lambda user: user.post("/api/auth/signup", json={"email": "a@example.com", "password": "p" * 12, **body})


SAID: dict[str, Callable[[User], httpx.Response]] = {
    "title: required.": task({}),
    "title: must be text.": task({"title": 7}),
    "title: must not be empty.": task({"title": "  "}),
    "title: at most 200 characters.": task({"title": "t" * 201}),
    "title: control characters other than tab and line ends are not allowed.": task({"title": "a\x00"}),
    "description: at most 2000 characters.": task({"title": "a", "description": "d" * 2001}),
    "due_whenever: this field is not known.": task({"title": "a", "due_whenever": 1}),
    "body: one of the fields is not known.": task({"title": "a", "<script>": 1}),
    "body: must be a JSON object.": task(["title"]),
    "body: required.": lambda user: user.post(user.tasks),
    "title: required (and 1 more problem).": task({"color": 1}),
    "title: must be text (and 2 more problems).": task({"title": 7, "description": 7, "color": 7}),
    "limit: at least 1.": tasks(limit="0"),
    "limit: at most 100.": tasks(limit="101"),
    "limit: must be a whole number.": tasks(limit="many"),
    "offset: must be a whole number.": tasks(offset="1.5"),
    "task_id: must be a UUID.": lambda user: user.get(f"{user.tasks}/nonsense"),
    "is_completed: must be true or false.": state({"is_completed": "yes"}),
    "body: is_completed and completed contradict each other.": state({"is_completed": True, "completed": False}),
    "operations: at most 500 items.": batch(*[OPERATION] * 501),
    "operations: must be a list.": lambda user: user.post(f"{user.tasks}/batch", json={"operations": {}}),
    "operations[1].delete.id: must be a UUID.": batch(OPERATION, {**OPERATION, "id": "secret"}),
    "password: at least 8 characters.": sign_up(password="secret"),
    "email: this is not a valid e-mail address.": sign_up(email="secret"),
    "scopes: must not be empty.": token(scopes=[]),
    "scopes[0]: must be 'tasks:read', 'tasks:write' or 'account'.": token(scopes=["secret"]),
    "expires_at: this must be in the future.": token(expires_at="2020-01-01T00:00:00Z"),
    'If-Match: this must be * or an ETag as it was answered, with its quotes: "7.1".': lambda user: user.delete(
        f"{user.tasks}/{uuid.uuid4()}", headers={"If-Match": "secret"}
    ),
    "This password is one of the most common ones.": sign_up(password="password1"),
}


@pytest.mark.parametrize("message", SAID)
def test_the_message_says_what_is_wrong_and_where(alice: User, message: str) -> None:
    answer = SAID[message](alice)
    error = assert_error(answer, 422, "weak_password" if "most common" in message else "validation_error")
    assert error["message"] == message
    assert "secret" not in answer.text
    first = error["detail"][0]["msg"]
    assert first.rstrip(".")[1:] in message


def test_an_operation_that_there_is_not_is_not_repeated(alice: User) -> None:
    for operation in ({"op": "secret"}, {"op": "create", "kind": "secret"}, {}, 7):
        answer = batch(operation)(alice)
        message = assert_error(answer, 422, "validation_error")["message"]
        assert message == "operations[0]: there is no such operation on this kind: look at op and kind."
        assert "secret" not in answer.text


@pytest.mark.parametrize("count", [1, 2, 10, 20, 21, 22, 100, 500])
def test_twenty_problems_are_named_and_the_others_counted(alice: User, count: int) -> None:
    """As many as fit into what was sent."""
    letters = ["".join(each) for each in itertools.islice(itertools.product("abcdefgh", repeat=3), count)]
    for name in ("a name of the client's which is not repeated, since it is long", "due"):
        fields = {f"{name}_{each}": 1 for each in letters}
        answer = task({"title": "a", **fields})(alice)
        error = assert_error(answer, 422, "validation_error")
        assert len(answer.content) <= max(1024, len(answer.request.content))
        named = [each for each in error["detail"] if each["type"] != "more"]
        assert 1 <= len(named) <= 20
        assert (
            len(named) + sum(int(each["msg"].split()[0]) for each in error["detail"] if each["type"] == "more") == count
        )
        assert count > 20 or len(answer.request.content) < 3000 or len(named) == count


def test_all_of_few_problems_are_named(alice: User) -> None:
    error = assert_error(
        task({"title": 7, "description": 7, **{f"field_{each}": 1 for each in "abcdef"}})(alice),
        422,
        "validation_error",
    )
    assert len(error["detail"]) == 8
    assert "more" not in [each["type"] for each in error["detail"]]


def test_thousands_of_problems_are_only_counted(alice: User) -> None:
    many = {f"field{each}": 1 for each in range(20_000)}
    answer = batch({"op": "create", "task": {"title": "a", **many}})(alice)
    error = assert_error(answer, 422, "validation_error")
    assert error["message"] == "body: 20000 problems are too many to name."
    assert len(answer.content) < 400


def test_more_values_than_there_may_be_are_not_read(alice: User) -> None:
    answer = batch(*[{}] * 60_000)(alice)
    assert assert_error(answer, 422, "validation_error")["message"] == "body: at most 50000 values."
    # What is in texts counts nothing.
    commas = {"op": "create", "task": {"title": "a", "description": ',["{' * 500}}
    assert batch(*[commas] * 60)(alice).status_code == 200


def test_no_name_of_the_clients_makes_an_error_long(alice: User) -> None:
    for name in ("n" * 50_000, "n-" * 20, "a" * 40):
        answer = alice.post(alice.tasks, json={"title": "a", name: 1})
        assert_error(answer, 422, "validation_error")
        assert len(answer.content) < 500
        answer = alice.get(alice.tasks, params={name[:5000]: "1"})
        assert_error(answer, 422, "validation_error")
        assert len(answer.content) < 1000
    for count, message in (
        (
            100,
            r"query: one is no parameter of this address; there are completed, [a-z_, ]+ and total \(and 99 more problems\)\.",
        ),
        (1000, r"query: at most 100 parameters\."),
    ):
        answer = alice.get(f"{alice.tasks}?{'&'.join(f'{each}=1' for each in range(count))}")
        assert re.fullmatch(message, assert_error(answer, 422, "validation_error")["message"])
        assert len(answer.content) < 2600
