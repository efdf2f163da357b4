"""`doable filters`, and `doable tasks list` with a saved filter or in an order: at a server that may be anywhere."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from doable.errors import Misconfigured
from doable.remote.server import NOT_DOABLE, RemoteServer
from doable.remote.tasks import all_of, id_of, names_of, read, wanted
from doable.remote.text import OF_FILTERS, table
from support.other_server import answers
from support.server import doable
from support.users import User

HOSTILE = "a\x9bb\u202ec"
HARMLESS = "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def run(user: User, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return doable(*arguments, cwd=folder, DOABLE_URL=str(user.base_url), DOABLE_TOKEN=user.token)


def server_of(user: User) -> RemoteServer:
    return RemoteServer(str(user.base_url), user.token)


def new_filter(user: User, **members: Any) -> str:
    answer = user.post("/api/me/filters", json=members)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def saved(user: User) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = user.get("/api/me/filters").json()["filters"]
    return found


def test_saves_lists_uses_and_removes(one_user: User, tmp_path: Path) -> None:
    added = run(one_user, tmp_path, "filters", "add", "At home", "no date & @home", "--sort", "priority")
    assert (added.returncode, added.stdout) == (0, "Added At home: no date & @home\n")
    (found,) = saved(one_user)
    assert (found["name"], found["query"], found["sort"]) == ("At home", "no date & @home", "priority")
    new_filter(one_user, name="\N{GRINNING FACE}", query="today")
    assert run(one_user, tmp_path, "filters", "list").stdout.splitlines() == [
        "NAME     FILTER           SORT",
        "At home  no date & @home  priority",
        "\N{GRINNING FACE}       today",
    ]
    shown = run(one_user, tmp_path, "filters", "list", "--json").stdout.splitlines()
    assert [json.loads(each) for each in shown] == saved(one_user)
    for priority in ("low", "high", "medium"):
        one_user.new_task(priority, priority=priority, tags=["home"])
    one_user.new_task("elsewhere", priority="high")
    done = one_user.new_task("done", tags=["home"])
    one_user.patch(f"{one_user.tasks}/{done['id']}/complete").raise_for_status()
    listed = run(one_user, tmp_path, "tasks", "list", "--saved", "AT HOME", "--filter", "!p1", "--json")
    assert [json.loads(each)["title"] for each in listed.stdout.splitlines()] == ["medium", "low"], listed.stderr
    removed = run(one_user, tmp_path, "filters", "remove", "at home")
    assert (removed.returncode, removed.stdout, removed.stderr) == (0, "", "Removed At home.\n")
    assert [each["name"] for each in saved(one_user)] == ["\N{GRINNING FACE}"]


def test_what_is_wrong_with_a_filter_is_shown(one_user: User, tmp_path: Path) -> None:
    wrong = run(one_user, tmp_path, "filters", "add", "Home", "today & tody")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    message, shown, mark = wrong.stderr.splitlines()
    assert message.startswith("doable: Expected a condition")
    assert (shown, mark) == ("today & tody", f"{' ' * 8}^")
    assert not saved(one_user)
    both = run(one_user, tmp_path, "tasks", "list", "--saved", "Home", "--all")
    assert (both.returncode, both.stdout) == (2, "")
    assert "Say it in the filter instead" in both.stderr


def test_a_filter_is_known_by_name_or_id(one_user: User) -> None:
    first, second = (new_filter(one_user, name=name, query="today") for name in ("Home", "home"))
    names = names_of(server_of(one_user), "filter")
    assert id_of("filter", second, names) == second
    with pytest.raises(
        Misconfigured, match=f"2 filters have the name .HOME.\\. Name one by its id: {first}, {second}."
    ):
        id_of("filter", "HOME", names)
    with pytest.raises(Misconfigured, match='You have no filter with the name "b"'):
        id_of("filter", "b", names)
    of_the_second = read(server_of(one_user), wanted(filter_id=second))
    assert not list(of_the_second)


def test_lists_in_every_order(one_user: User) -> None:
    members: dict[str, dict[str, Any]] = {
        "a": {"due": {"date": "2030-01-02"}},
        "b": {"due": {"date": "2030-01-01"}, "priority": "low"},
        "c": {"priority": "high"},
        "d": {},
        "e": {},
    }
    ids = {title: one_user.new_task(title, **members[title])["id"] for title in members}
    one_user.patch(f"{one_user.tasks}/{ids['b']}", json={"description": "changed"}).raise_for_status()
    for title in "de":
        one_user.patch(f"{one_user.tasks}/{ids[title]}/complete").raise_for_status()

    def titles(**what: Any) -> str:
        return "".join(task["title"] for task in read(server_of(one_user), wanted(**what)))

    orders = ("created_at", "-created_at", "updated_at", "-updated_at", "due", "priority")
    assert [titles(sort=each) for each in orders] == ["abc", "cba", "acb", "bca", "bac", "cba"]
    assert (titles(sort="-completed_at"), titles(everything=True), titles()) == ("ed", "edcba", "cba")
    assert titles(sort="position", list="inbox") == "abc"
    with pytest.raises(Misconfigured, match="`position` needs one `list`"):
        titles(sort="position")
    with pytest.raises(Misconfigured, match="sort: must be"):
        titles(sort="\udcff")


def test_the_command_lists_in_an_order(one_user: User, tmp_path: Path) -> None:
    for title, date in (("later", "2030-01-02"), ("sooner", "2030-01-01")):
        one_user.new_task(title, due={"date": date})
    shown = run(one_user, tmp_path, "tasks", "list", "--sort", "due").stdout.splitlines()
    assert [each.split()[1] for each in shown] == ["TITLE", "sooner", "later"]


def test_names_and_filters_are_harmless_and_fit(one_user: User, tmp_path: Path) -> None:
    with answers((200, {"Content-Type": "application/json"}, json.dumps(a_filter()).encode())) as (url, _):
        shown = doable("filters", "list", cwd=tmp_path, DOABLE_URL=url, DOABLE_TOKEN=one_user.token)
    assert shown.stdout.splitlines() == ["NAME   FILTER", f"{HARMLESS}  {HARMLESS}"]
    assert table([["n" * 30, "q" * 90, "-created_at"]], 60, OF_FILTERS) == [
        f"NAME{' ' * 20}FILTER{' ' * 19}SORT",
        f"{'n' * 21}…  {'q' * 22}…  -created_at",
    ]


def a_filter() -> dict[str, Any]:
    return {"filters": [{"id": "a", "name": HOSTILE, "query": HOSTILE, "sort": None}]}


@pytest.mark.parametrize("answer", [b"{}", b'{"filters": 1}', b'{"filters": [1]}', b'{"filters": [{"id": "a"}]}'])
def test_no_doable_answers_so(answer: bytes) -> None:
    with (
        answers((200, {"Content-Type": "application/json"}, answer)) as (url, asked),
        pytest.raises(Misconfigured, match=NOT_DOABLE),
    ):
        all_of(RemoteServer(url, "token"), "filter")
    assert asked == ["/api/me/filters"]
