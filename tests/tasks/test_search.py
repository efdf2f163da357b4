"""GET /api/{user_id}/tasks?q=…: the tasks that have the words in their titles and descriptions."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import NewServer
from doable.errors import NothingToSearch
from doable.tasks.words import VERSION, matches, terms_of, words_of_task
from support.schema import execute, on_connection, settings_of
from support.server import Server
from support.undo import undo, write
from support.users import User, assert_error
from tasks.test_words import TABLE, TEXTS

Task = dict[str, Any]


def make(user: User, *new: Task) -> list[str]:
    """Tasks that are made together, as many as there may be in a batch at a time; their ids."""
    made: list[str] = []
    for start in range(0, len(new), 500):
        operations = [{"op": "create", "task": each} for each in new[start : start + 500]]
        answer = user.post(f"{user.tasks}/batch", json={"operations": operations})
        assert answer.status_code == 200, answer.text
        made += [result["id"] for result in answer.json()["results"]]
    return made


def search(user: User, q: str, **query: str) -> list[Task]:
    """All that is found, page by page."""
    found: list[Task] = []
    cursor: dict[str, str] = {}
    while True:
        answer = user.get(user.tasks, params={"q": q, **query, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["tasks"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def titles(user: User, q: str, **query: str) -> list[str]:
    return [task["title"] for task in search(user, q, **query)]


def test_searches_find_what_the_table_says(alice: User) -> None:
    make(alice, *TABLE["tasks"])
    order = [task["title"] for task in reversed(TABLE["tasks"])]
    for query in TABLE["queries"]:
        wanted = [title for title in order if title in query["finds"]]
        assert titles(alice, query["q"], limit="3") == wanted, query
    for text in TABLE["nothing_to_search"]:
        if text:
            refused = assert_error(alice.get(alice.tasks, params={"q": text}), 422, "nothing_to_search")
            assert [problem["loc"] for problem in refused["detail"]] == [["query", "q"]]


@pytest.fixture(scope="module")
def searcher(server: Server) -> Any:
    """A user whose tasks become more and more, and all of them in the order of their making."""
    with closing(User(server.url)) as user:
        yield user, []


TYPED = TEXTS.map(lambda text: re.sub(r"[\x00-\x1f]", " ", text))
"""Control characters are refused."""

NEW = st.lists(st.tuples(TYPED, st.none() | TYPED), max_size=4)


@settings(max_examples=40)
@given(NEW, st.none() | TYPED, st.integers(0, 1000))
def test_the_database_finds_what_python_finds(
    searcher: tuple[User, list[Task]], new: list[Any], typed: str | None, number: int
) -> None:
    user, made = searcher
    tasks = [{"title": title.strip(), "description": description} for title, description in new if title.strip()]
    if tasks:
        operations = [{"op": "create", "task": each} for each in tasks]
        answer = user.post(f"{user.tasks}/batch", json={"operations": operations})
        assert answer.status_code == 200, answer.text
        made += [result["task"] for result in answer.json()["results"]]
    there = [part for task in made for part in (task["title"], *(task["description"] or "").split())]
    q = typed or (there[number % len(there)][:7] if there else "a")
    with suppress(NothingToSearch):
        terms = terms_of(q)
        wanted = [task["id"] for task in made if matches(words_of_task(task["title"], task["description"]), terms)]
        assert [task["id"] for task in search(user, q, sort="created_at")] == wanted


def test_a_search_is_a_condition_as_others_are(alice: User) -> None:
    project = alice.post("/api/me/lists", json={"name": "Groceries"}).json()["id"]
    for number in range(6):
        task = alice.new_task(
            f"milk {number}",
            list_id=[None, project][number % 2],
            priority=["none", "high", "low"][number % 3],
            tags=["shop"] if number > 2 else [],
        )
        if number in {1, 4}:
            alice.patch(f"{alice.tasks}/{task['id']}/complete")
    alice.new_task("bread", list_id=project, priority="high", tags=["shop"])
    assert titles(alice, "milk") == [f"milk {number}" for number in (5, 4, 3, 2, 1, 0)]
    assert titles(alice, "milk", completed="false", limit="1") == ["milk 5", "milk 3", "milk 2", "milk 0"]
    assert titles(alice, "milk", completed="true", sort="-completed_at") == ["milk 4", "milk 1"]
    assert titles(alice, "milk", list=project, completed="false", sort="position") == ["milk 3", "milk 5"]
    assert titles(alice, "mi 3", list="inbox") == []
    assert titles(alice, "milk", sort="priority", limit="2") == [f"milk {number}" for number in (4, 1, 5, 2, 3, 0)]
    assert titles(alice, "milk", sort="-updated_at", limit="2") == [f"milk {number}" for number in (5, 4, 3, 2, 1, 0)]
    assert titles(alice, "milk", tag="shop", sort="created_at") == ["milk 3", "milk 4", "milk 5"]
    assert titles(alice, "milk", due="none", sort="due") == [f"milk {number}" for number in (5, 4, 3, 2, 1, 0)]
    page = alice.get(alice.tasks, params={"q": "milk", "limit": 2, "offset": 1, "total": True}).json()
    assert ([task["title"] for task in page["tasks"]], page["total"]) == (["milk 4", "milk 3"], 6)
    # A cursor is of one search.
    elsewhere = alice.get(alice.tasks, params={"q": "bread", "cursor": page["next_cursor"]})
    assert_error(elsewhere, 422, "cursor_invalid")


def test_a_search_finds_what_is_there_now(alice: User) -> None:
    one, two = alice.new_task("oat milk"), alice.new_task("bread", description="with oats")
    assert titles(alice, "oat") == ["bread", "oat milk"]
    alice.patch(f"{alice.tasks}/{one['id']}", json={"title": "Soya milk"})
    assert (titles(alice, "oat"), titles(alice, "soya")) == (["bread"], ["Soya milk"])
    alice.patch(f"{alice.tasks}/{two['id']}", json={"description": None})
    assert titles(alice, "oat") == []
    _, token = write(alice, "DELETE", f"tasks/{one['id']}")
    assert titles(alice, "soya") == []
    undo(alice, token)
    assert titles(alice, "soya") == ["Soya milk"]
    put = alice.put(f"{alice.tasks}/{uuid.uuid4()}", json={"title": "oat"}, headers={"If-None-Match": "*"})
    assert (put.status_code, titles(alice, "oat")) == (201, ["oat"])
    # It is no write of the user's.
    revision = alice.get("/api/me/changes").json()["revision"]
    assert revision == put.json()["revision"]
    assert alice.get(alice.tasks, params={"q": "oat"}).json()["tasks"][0]["revision"] == revision


def test_nobody_finds_what_is_somebody_elses(alice: User, bob: User) -> None:
    bob.new_task("his oats")
    assert titles(alice, "oats") == []
    alice.new_task("her oats")
    assert (titles(alice, "oats"), titles(bob, "oats")) == (["her oats"], ["his oats"])
    assert_error(alice.get(bob.tasks, params={"q": "oats"}), 403, "forbidden")
    assert_error(httpx.get(f"{alice.base_url}{alice.tasks}?q=oats"), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("q", "problem"),
    [
        ("", "string_too_short"),
        ("a" * 201, "string_too_long"),
        ("a b c d e f g h i j k", "too_many_terms"),
        ("%", "nothing_to_search"),
    ],
)
def test_what_cannot_be_searched_for(one_user: User, q: str, problem: str) -> None:
    code = problem if problem == "nothing_to_search" else "validation_error"
    answer = assert_error(one_user.get(one_user.tasks, params={"q": q}), 422, code)
    assert [(each["loc"], each["type"]) for each in answer["detail"]] == [(["query", "q"], problem)]


def test_one_thing_is_searched_for(one_user: User) -> None:
    assert_error(one_user.get(f"{one_user.tasks}?q=a&q=b"), 422, "validation_error")
    assert one_user.get(one_user.tasks, params={"q": "ﷺ" * 200}).json()["tasks"] == []


def stored(server: Server, user: User) -> tuple[list[Any], list[Any]]:
    """The user's words, and up to where they are there."""

    def read(connection: Any) -> tuple[list[Any], list[Any]]:
        words, state = (
            connection.exec_driver_sql(f"SELECT {what} WHERE owner_id = '{user.id}' ORDER BY 1").all()
            for what in ("sequence, words FROM task_words", "version, revision FROM search_states")
        )
        return words, state

    return on_connection(settings_of(server), read)


def test_words_are_made_in_portions_and_when_somebody_searches(server: Server, alice: User) -> None:
    make(alice, *({"title": f"number{number}"} for number in range(1201)))
    assert stored(server, alice) == ([], [])
    assert len(search(alice, "number", limit="100")) == 1201
    # What is common is not sorted.
    for sort in ("-updated_at", "priority", "due"):
        common = alice.get(alice.tasks, params={"q": "number", "sort": sort, "total": True, "limit": 2}).json()
        assert ([task["title"] for task in common["tasks"]], common["total"]) == (["number1200", "number1199"], 1201)
    words, state = stored(server, alice)
    assert words == [(number + 1, f" number{number} ") for number in range(1201)]
    assert state == [(VERSION, 1201)]
    # By other rules, as another version has them: all are made again.
    execute(
        settings_of(server),
        f"UPDATE search_states SET version = 7 WHERE owner_id = '{alice.id}'",  # noqa: S608 - a test's
        f"UPDATE task_words SET words = ' old ' WHERE owner_id = '{alice.id}'",  # noqa: S608 - a test's
    )
    assert (titles(alice, "number1199"), titles(alice, "old")) == (["number1199"], [])
    assert stored(server, alice) == (words, state)
    # As a process leaves it that was killed after its first portion.
    execute(
        settings_of(server),
        f"UPDATE search_states SET revision = 500 WHERE owner_id = '{alice.id}'",  # noqa: S608 - a test's
        f"DELETE FROM task_words WHERE owner_id = '{alice.id}' AND sequence > 500",  # noqa: S608 - a test's
    )
    assert titles(alice, "number77", sort="created_at")[:2] == ["number77", "number770"]
    assert stored(server, alice) == (words, state)


def test_every_answer_is_right_while_others_write(new_server: NewServer) -> None:
    """Several processes search, and make the words of what several write: no answer has a task that is not what was asked for."""
    with ExitStack() as stack:
        server = stack.enter_context(new_server("--workers", "2"))
        user = stack.enter_context(closing(User(server.url)))
        ids = make(user, *({"title": f"red {number}"} for number in range(30)))

        def client() -> httpx.Client:
            return httpx.Client(base_url=server.url, headers=user.headers, timeout=30)

        def paint(number: int) -> None:
            with client() as http:
                for turn in range(6):
                    for id_ in ids[number::2]:
                        title = f"{['blue', 'red'][turn % 2]} {number}"
                        assert http.patch(f"{user.tasks}/{id_}", json={"title": title}).status_code == 200

        def look(colour: str) -> None:
            with client() as http:
                for _ in range(40):
                    answer = http.get(user.tasks, params={"q": colour, "limit": 100, "total": True})
                    assert answer.status_code == 200, answer.text
                    page = answer.json()
                    assert all(task["title"].startswith(colour) for task in page["tasks"]), page
                    assert page["total"] == len(page["tasks"])

        with ThreadPoolExecutor(6) as pool:
            painting = [pool.submit(paint, number) for number in (0, 1)]
            looking = [pool.submit(look, colour) for colour in ("red", "blue", "red", "blue")]
            for each in (*painting, *looking):
                each.result()
        assert (len(search(user, "red")), len(search(user, "blue"))) == (30, 0)
