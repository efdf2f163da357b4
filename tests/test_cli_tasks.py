"""`doable tasks`: one's own tasks in the terminal, at a server that may be anywhere."""

import json
import os
import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doable.errors import Misconfigured
from doable.remote.server import NOT_DOABLE, RemoteServer
from doable.remote.tasks import Piece, add, due, id_of_list, id_of_task, is_all_understood, names_of, read
from doable.remote.text import cells, left, line, table, understood
from doable.terminal import columns_of, fitted, pointed_at, printable
from support.changes import batch, listed
from support.commands import assert_refused
from support.other_server import answers
from support.ports import free_port
from support.server import DOABLE, doable, environment
from support.users import User

HOSTILE = "a\nb\u202ec\x9bd"
HARMLESS = "a b\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}d"
JSON = {"Content-Type": "application/json"}


def tasks(user: User, folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What `doable tasks` does for this user."""
    environ = {"DOABLE_URL": str(user.base_url), "DOABLE_TOKEN": user.token, **settings}
    return doable("tasks", *arguments, cwd=folder, **environ)


def server_of(user: User) -> RemoteServer:
    return RemoteServer(str(user.base_url), user.token)


def new_list(user: User, name: str) -> str:
    answer = user.post("/api/me/lists", json={"name": name})
    assert answer.status_code == 201, answer.text
    list_id: str = answer.json()["id"]
    return list_id


def test_adds_lists_and_completes(one_user: User, tmp_path: Path) -> None:
    groceries = new_list(one_user, "Groceries")
    one_user.new_task(HOSTILE)
    options = (
        "--due",
        "2026-12-01T09:00",
        "--priority",
        "high",
        "--tag",
        "shop",
        "--tag",
        "to do",
        "--list",
        "groceries",
    )
    added = tasks(one_user, tmp_path, "add", "Buy oat milk", *options)
    assert added.returncode == 0, added.stderr
    task = next(each for each in listed(one_user).values() if each["title"] == "Buy oat milk")
    assert (task["due"]["date"], task["due"]["time"], task["due"]["timezone"]) == ("2026-12-01", "09:00:00", None)
    assert (task["priority"], task["tags"], task["list_id"]) == ("high", ["shop", "to do"], groceries)
    short = task["id"][-8:]
    said = "[ ] Buy oat milk  due 2026-12-01 09:00  high priority  @shop @to do  in Groceries"
    assert added.stdout == f"Added {short}  {said}\n"
    shown = tasks(one_user, tmp_path, "list").stdout.splitlines()
    assert [row.split() for row in shown] == [
        ["ID", "TITLE", "DUE", "PRIORITY", "TAGS", "LIST"],
        [short, "Buy", "oat", "milk", "2026-12-01", "09:00", "high", "@shop", "@to", "do", "Groceries"],
        [next(task_id[-8:] for task_id in listed(one_user) if task_id != task["id"]), *HARMLESS.split()],
    ]
    completed = tasks(one_user, tmp_path, "complete", short, "--json")
    assert json.loads(completed.stdout) == listed(one_user)[task["id"]]
    assert listed(one_user)[task["id"]]["is_completed"]
    assert tasks(one_user, tmp_path, "list", "--list", "Groceries").stderr == "There are no such tasks.\n"
    everything = tasks(one_user, tmp_path, "list", "--all", "--json").stdout.splitlines()
    assert [json.loads(each) for each in everything] == list(listed(one_user).values())


def test_reads_page_by_page(one_user: User) -> None:
    batch(one_user, *[{"op": "create", "task": {"title": str(number)}} for number in range(230)])
    found = list(read(server_of(one_user), []))
    assert [task["title"] for task in found] == [str(number) for number in reversed(range(230))]
    inbox = list(read(server_of(one_user), [("completed", "false"), ("list", "inbox")]))
    assert inbox == found
    assert not list(read(server_of(one_user), [("completed", "true")]))


def test_on_a_terminal_lines_have_its_width_and_no_colour(one_user: User, tmp_path: Path) -> None:
    one_user.new_task("\N{GRINNING FACE}" * 50, priority="low", tags=["shop"])
    one_user.new_task("long " * 20)
    ours, its = os.openpty()
    environ = environment(DOABLE_URL=str(one_user.base_url), DOABLE_TOKEN=one_user.token, COLUMNS="50")
    subprocess.run([DOABLE, "tasks", "list"], env=environ, cwd=tmp_path, stdout=its, timeout=60, check=True)
    os.close(its)
    read = b""
    while read.count(b"\n") < 3:  # one reading may give a part
        read += os.read(ours, 1 << 16)
    os.close(ours)
    shown = read.decode().splitlines()
    assert len(shown) == 3
    assert all(columns_of(each) <= 50 and "\x1b" not in each for each in shown)
    assert all(each in shown[2] for each in ("…", "low", "@shop"))


def test_a_list_is_known_by_name_or_id(one_user: User) -> None:
    first, second, home = new_list(one_user, "Work"), new_list(one_user, "work"), new_list(one_user, "Straße")
    names = names_of(server_of(one_user), "list")
    assert id_of_list(first, names) == first
    assert id_of_list("STRASSE", names) == home
    assert id_of_list("Inbox", names) == "inbox"
    with pytest.raises(Misconfigured, match=f"2 lists have the name .work.\\. Name one by its id: {first}, {second}."):
        id_of_list("work", names)
    with pytest.raises(Misconfigured, match='the name "a\N{REPLACEMENT CHARACTER}b"'):
        id_of_list("a\x1bb", names)


def test_a_task_is_known_by_the_end_of_its_id(one_user: User) -> None:
    server = server_of(one_user)
    ids = [f"{uuid.uuid4().hex[:8]}-0000-4000-8000-00000{digit}abcdef" for digit in (1, 2)]
    for each in ids:
        one_user.put(f"{one_user.tasks}/{each}", json={"title": "a"}, headers={"If-None-Match": "*"}).raise_for_status()
    assert id_of_task(server, "1ABCDEF") == ids[0]
    assert id_of_task(server, ids[1][1:]) == ids[1]
    assert id_of_task(server, ids[1]) == ids[1]
    for text, said in (
        ("abcdef", "2 of your open tasks have an id that ends with abcdef. Take more of it."),
        ("00000000", "None of your open tasks has an id that ends with 00000000."),
        ("abc", "Take at least four characters of the id."),
        ("../../x", "This is no id. Take one, or its end, from `doable tasks list`."),
    ):
        with pytest.raises(Misconfigured) as caught:
            id_of_task(server, text)
        assert str(caught.value) == said
    one_user.patch(f"{one_user.tasks}/{ids[0]}/complete").raise_for_status()
    assert id_of_task(server, "abcdef") == ids[1]


def test_what_is_wrong_is_a_sentence(one_user: User, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    for arguments, settings, words in (
        (("list",), {"DOABLE_TOKEN": ""}, ["DOABLE_TOKEN is missing", "the scope tasks:read"]),
        (
            ("list", "--url", nowhere),
            {},
            [f"{nowhere} gives no answer (Connection refused). Is `doable serve` running"],
        ),
        (("list", "--url", str(one_user.base_url).replace("http:", "https:")), {}, ["no TLS is spoken there"]),
        (("list", "--url", "tasks"), {}, ["The URL must be one like"]),
        (("add", "a", "--due", "2026-02-30"), {}, ["doable: due.date: "]),
        (("add", "a", "--priority", "urgent"), {}, ["doable: priority: "]),
        (
            ("complete", str(uuid.uuid4())),
            {"DOABLE_TOKEN": "secret"},
            ["The server answers 401: DOABLE_TOKEN is mistyped"],
        ),
    ):
        result = tasks(one_user, tmp_path, *arguments, **settings)
        assert_refused(result, *words)
        assert "secret" not in result.stderr
    assert not listed(one_user)


def test_adds_what_a_line_says(one_user: User, tmp_path: Path) -> None:
    home = new_list(one_user, "Home")
    text = "Pay rent 2027-12-24 9am #home !high @money ~30m start: 2027-12-20"
    added = tasks(one_user, tmp_path, "add", text)
    assert added.returncode == 0, added.stderr
    first, second = added.stdout.splitlines()
    assert first.endswith("[ ] Pay rent  due 2027-12-24 09:00  high priority  @money  in Home")
    assert second == (
        'Understood "2027-12-24 9am" as due 2027-12-24 09:00, "#home" as its list, "!high" as high priority, '
        '"@money" as a tag, "~30m" as 30 minutes, "start: 2027-12-20" as start 2027-12-20.'
    )
    (task,) = one_user.get(one_user.tasks).json()["tasks"]
    assert (task["title"], task["list_id"], task["estimate_minutes"]) == ("Pay rent", home, 30)


def test_a_tag_may_have_its_sign_and_a_list_is_shown_by_its_name(one_user: User, tmp_path: Path) -> None:
    new_list(one_user, "Home")
    added = tasks(one_user, tmp_path, "add", "Rent #home", "--tag", "@money").stdout
    assert added.splitlines()[0].endswith("[ ] Rent  @money  in Home")
    completed = tasks(one_user, tmp_path, "complete", added.split()[1]).stdout
    assert completed.endswith("[x] Rent  @money  in Home\n")
    new = {"name": "writes", "scopes": ["tasks:write"]}
    token = one_user.post("/api/auth/tokens", json=new).json()["token"]
    unread = tasks(one_user, tmp_path, "add", "Rent #home", DOABLE_TOKEN=token).stdout
    assert unread.splitlines()[0].endswith("[ ] Rent  in home")


def test_emoji_stay_whole_and_line_ends_are_spaces() -> None:
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{GIRL} \u2764\ufe0f"
    assert printable(f"{family}\r\na\tb\u2028c") == f"{family}  a b c"
    assert printable("\x1b\u202e\u2066\x00\u200b") == "\N{REPLACEMENT CHARACTER}" * 5
    assert fitted("Müll rausbr… bald", 12) == "Müll rausbr…"


def test_says_what_is_marked_but_not_known(one_user: User, tmp_path: Path) -> None:
    added = tasks(one_user, tmp_path, "add", "Clean #Haus, !urgent tomorrow")
    assert added.stdout.splitlines()[2:] == [
        "You have no list Haus: #Haus stays in the title.",
        "There is no priority urgent: !urgent stays in the title.",
    ]
    plain = tasks(one_user, tmp_path, "add", "--plain", "Clean #Haus")
    assert (plain.returncode, len(plain.stdout.splitlines())) == (0, 1)


def test_says_that_nothing_would_be_left(one_user: User, tmp_path: Path) -> None:
    new_list(one_user, "Home")
    whole = tasks(one_user, tmp_path, "add", "#home !high")
    assert whole.stdout.splitlines()[0].endswith("[ ] #home !high")
    assert whole.stdout.splitlines()[1:] == ["Nothing would be left for a title, so the whole text is the title."]


def test_knows_whether_all_of_a_line_is_understood(one_user: User) -> None:
    home = new_list(one_user, "Home")
    one_user.post("/api/me/sections", json={"list_id": home, "name": "Kitchen"}).raise_for_status()
    server = server_of(one_user)
    for text, list_id in (("#home tomorrow", None), ("/kitchen", home), (" #home /kitchen !high ~1h ", None)):
        assert is_all_understood(server, text, list_id), text
    for text in ("#nowhere", "/kitchen", "Clean #nowhere", "#home #nowhere"):
        assert not is_all_understood(server, text, None), text
    assert not listed(one_user)


def test_says_nothing_of_what_is_no_mark() -> None:
    home = Piece("list", "#home", "7")
    assert not [*left("Clean #home", "Clean", [home])]
    assert not [*left("and/or C# \\#1 !! ! # a!b", "and/or C# #1 !! ! # a!b", [])]
    assert [*left('a #"two words" /kitchen', 'a #"two words" /kitchen', [])] == [
        'You have no list two words: #"two words" stays in the title.',
        "That list has no section kitchen: /kitchen stays in the title.",
    ]
    assert [*left("a #home #work", "a #work", [home])] == ["A task has one list: #work stays in the title."]


def test_says_when_it_reminds() -> None:
    at = datetime(2027, 3, 1, 8, 30).astimezone()  # by the clock of this machine
    for value, said in (
        ({"offset": "PT0M"}, "when it is due"),
        ({"offset": "-PT1H30M"}, "1 hour 30 minutes before it is due"),
        ({"offset": "-P2W", "relative_to": "start"}, "2 weeks before it starts"),
        ({"offset": "PT1M"}, "1 minute after it is due"),
        ({"at": at.astimezone(UTC).isoformat()}, "at 2027-03-01 08:30"),
    ):
        assert understood([Piece("reminder", "remind", value)]) == f'Understood "remind" as a reminder {said}.'


def test_an_option_goes_before_what_the_line_says(one_user: User) -> None:
    home, work = new_list(one_user, "Home"), new_list(one_user, "Work")
    section = one_user.post("/api/me/sections", json={"list_id": home, "name": "Kitchen"}).json()["id"]
    server, text = server_of(one_user), "Clean 2027-12-24 #home /kitchen @a !high"
    given = {"list_id": work, "due": due("2027-12-01"), "tags": ["b"]}
    task, pieces = add(server, text, given, plain=False)
    assert understood(pieces) == 'Understood "@a" as a tag, "!high" as high priority.'
    assert (task["list_id"], task["section_id"], task["due"]["date"]) == (work, None, "2027-12-01")
    assert (task["title"], task["tags"], task["priority"]) == ("Clean", ["a", "b"], "high")
    task, pieces = add(server, text, {"priority": "low"}, plain=False)
    assert (task["list_id"], task["section_id"], task["priority"]) == (home, section, "low")
    assert [piece.kind for piece in pieces] == ["due", "list", "section", "tag"]
    task, pieces = add(server, text, {"list_id": None}, plain=False)
    assert (task["list_id"], task["section_id"], [piece.kind for piece in pieces]) == (
        None,
        None,
        ["due", "tag", "priority"],
    )


def test_a_line_may_be_taken_as_it_is(one_user: User) -> None:
    task, pieces = add(server_of(one_user), "Watch Tomorrow !high", {}, plain=True)
    assert (task["title"], task["due"], task["priority"], pieces) == ("Watch Tomorrow !high", None, "none", [])


def test_a_text_in_several_words_needs_quotes(tmp_path: Path) -> None:
    result = doable("tasks", "add", "buy", "oat", "milk", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Put the text in quotes." in result.stderr


def test_a_scope_that_is_missing_is_named(one_user: User, tmp_path: Path) -> None:
    new = {"name": "reads", "scopes": ["tasks:read"]}
    token = one_user.post("/api/auth/tokens", json=new).json()["token"]
    result = tasks(one_user, tmp_path, "add", "a", DOABLE_TOKEN=token)
    assert_refused(result, "The server answers 403: DOABLE_TOKEN lacks the scope tasks:write")


@pytest.mark.parametrize(
    "answer",
    [
        (404, JSON, b"[]"),
        (200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>"),
        (200, JSON, b"[]"),
        (200, JSON, b"{}"),
        (200, JSON, b'{"tasks": 1, "next_cursor": null}'),
        (302, {"Location": "http://127.0.0.1:1/"}, b""),
    ],
    ids=repr,
)
def test_no_doable_answers_so(answer: tuple[int, dict[str, str], bytes]) -> None:
    with answers(answer) as (url, asked), pytest.raises(Misconfigured, match=NOT_DOABLE):
        list(read(RemoteServer(url, "token"), []))
    assert asked == ["/api/me/tasks?limit=100"]


def test_a_day_and_a_time_may_be_written_in_two_ways() -> None:
    assert due("2026-12-01") == {"date": "2026-12-01", "time": None}
    assert due("2026-12-01T09:00") == due(" 2026-12-01 09:00 ") == {"date": "2026-12-01", "time": "09:00"}


def a_task(**members: Any) -> dict[str, Any]:
    found = {"id": str(uuid.UUID(int=1)), "title": "a", "is_completed": False, "is_cancelled": False, "due": None}
    return {**found, "priority": "none", "tags": [], "list_id": None, **members}


def test_a_task_in_a_line() -> None:
    assert line(a_task(), {}) == "[ ] a"
    assert line(a_task(is_completed=True), {}) == "[x] a"
    assert line(a_task(is_completed=True, is_cancelled=True), {}) == "[-] a"
    moment = {"date": "2026-12-01", "time": "00:00:00", "timezone": "Europe/Berlin"}
    assert line(a_task(due=moment), {}) == "[ ] a  due 2026-12-01 00:00 Europe/Berlin"
    assert line(a_task(due={**moment, "time": None, "timezone": None}), {}) == "[ ] a  due 2026-12-01"
    assert line(a_task(due={**moment, "time": "09:00:30"}), {}) == "[ ] a  due 2026-12-01 09:00:30 Europe/Berlin"
    unknown = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
    assert line(a_task(list_id=unknown), {}) == "[ ] a  in ce74fad2"


TEXT = st.text(max_size=60)
TASKS = st.builds(a_task, title=TEXT, tags=st.lists(TEXT, max_size=3), list_id=st.sampled_from([None, "a", "b"]))


@given(st.lists(TASKS, min_size=1, max_size=4), st.fixed_dictionaries({"a": TEXT}), st.integers(1, 120))
def test_nothing_is_wider_than_the_terminal_or_moves_its_cursor(
    found: list[dict[str, Any]], names: dict[str, str], width: int
) -> None:
    shown = [*table([cells(task, names) for task in found], width), *(line(task, names, width) for task in found)]
    for each in shown:
        assert each.replace("\N{ZERO WIDTH JOINER}", "").isprintable()
        assert columns_of(each) <= width
        assert "……" not in each or "……" in str(found) + str(names)
    whole = table([cells(task, names) for task in found])
    assert len(whole) == len(found) + 1
    assert not any("…" in row and "…" not in str(found) + str(names) for row in whole)


def test_lists_what_a_filter_means(one_user: User, tmp_path: Path) -> None:
    home = one_user.new_task("at home", tags=["home"])
    one_user.new_task("elsewhere")
    done = one_user.new_task("done", tags=["home"])
    one_user.patch(f"{one_user.tasks}/{done['id']}/complete").raise_for_status()
    for text, found in (("@HOME & no date", [home["id"]]), ("completed", [done["id"]]), ("today", [])):
        result = tasks(one_user, tmp_path, "list", "--filter", text, "--json")
        assert [json.loads(each)["id"] for each in result.stdout.splitlines()] == found
    assert tasks(one_user, tmp_path, "list", "--filter", "today").stderr == "There are no such tasks.\n"


def test_a_filter_that_cannot_be_read_is_pointed_at(one_user: User, tmp_path: Path) -> None:
    result = tasks(one_user, tmp_path, "list", "--filter", "#買い物 & tody & \x1b[2J")
    assert (result.returncode, result.stdout) == (1, "")
    message, shown, mark = result.stderr.splitlines()
    assert message.startswith("doable: Expected no control characters.")
    # Where a terminal shows it: Japanese characters take two columns each.
    assert (shown, mark) == ("#買い物 & tody & \N{REPLACEMENT CHARACTER}[2J", f"{' ' * 17}^")
    undecodable = tasks(one_user, tmp_path, "list", "--filter", os.fsdecode(b"p1 & \xff"))
    assert undecodable.stderr.splitlines()[1:] == ["p1 & ?", f"{' ' * 5}^"]
    both = tasks(one_user, tmp_path, "list", "--filter", "today", "--all")
    assert (both.returncode, both.stdout) == (2, "")
    twice = tasks(one_user, tmp_path, "list", "--filter", "today", "--filter", "@home")
    assert (twice.returncode, twice.stdout) == (2, "")
    assert "Give one filter" in twice.stderr
    empty = tasks(one_user, tmp_path, "list", "--filter", "")
    assert (empty.returncode, len(empty.stderr.splitlines())) == (1, 1)
    assert "Say it in the filter instead" in both.stderr


@given(st.text(max_size=60), st.integers(0, 60), st.integers(2, 80))
def test_the_mark_is_below_the_character_within_the_width(text: str, position: int, width: int) -> None:
    whole, behind = printable(text), printable(text[position:])
    shown, mark = pointed_at(text, position).split("\n")
    assert (shown, len(mark) - 1) == (whole, columns_of(whole) - columns_of(behind))
    shown, mark = pointed_at(text, position, width).split("\n")
    assert shown.replace("\N{ZERO WIDTH JOINER}", "").isprintable()
    assert columns_of(shown) <= width
    assert len(mark) <= width // 2 + 1
    if len(mark) - 1 + columns_of(behind) <= width:
        assert shown.endswith(behind)
