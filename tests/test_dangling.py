"""What names a list, section, parent or tag that is not there, as another hand may leave it: nobody gets a 500 of it."""

from collections.abc import Iterator
from typing import Any

from support.filing import new_list, new_section
from support.schema import execute, settings_of
from support.server import Server
from support.undo import UNDO
from support.users import User


def make(user: User, path: str, **members: Any) -> str:
    answer = user.post(f"/api/me/{path}", json=members)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def dangle(server: Server, user: User) -> dict[str, str]:
    """Something of each kind of which what it names is gone: the ids of what is there, and of what is not."""
    home, gone = new_list(user, "home"), new_list(user, "gone")
    ids = {"home": home["id"], "gone list": gone["id"]}
    ids["section"] = new_section(user, home, "b")["id"]
    ids["gone section"] = new_section(user, home, "c")["id"]
    ids["of gone list"] = new_section(user, gone, "d")["id"]
    ids["in gone list"] = make(user, "tasks", title="a", list_id=gone["id"], section_id=ids["of gone list"])
    ids["below"] = make(user, "tasks", title="b", parent_id=ids["in gone list"])
    ids["in gone section"] = make(user, "tasks", title="c", list_id=home["id"], section_id=ids["gone section"])
    ids["gone parent"] = make(user, "tasks", title="d", list_id=home["id"], tags=["kept", "lost"])
    ids["orphan"] = make(user, "tasks", title="e", parent_id=ids["gone parent"], tags=["kept", "lost"])
    ids["of orphan"] = make(user, "tasks", title="f", parent_id=ids["orphan"])
    ids["whole"] = make(user, "tasks", title="g", list_id=home["id"])
    ids |= {f"tag {each['name']}": each["id"] for each in user.get("/api/me/tags").json()["tags"]}
    assert user.patch("/api/me/preferences", json={"default_list_id": gone["id"]}).status_code == 200
    execute(
        settings_of(server),
        *(
            f"DELETE FROM {table} WHERE id = '{ids[name]}'"  # noqa: S608 - a test's
            for table, name in (
                ("lists", "gone list"),
                ("sections", "gone section"),
                ("tasks", "gone parent"),
                ("tags", "tag lost"),
            )
        ),
        f"UPDATE owners SET tasks = tasks - 1 WHERE owner_id = '{user.id}'",  # noqa: S608 - as above
    )
    return ids


READS = (
    "tasks?limit=100",
    "tasks?list={gone list}",
    "tasks?list={home}&completed=false&sort=position",
    "tasks?section={of gone list}",
    "tasks?section={gone section}",
    "tasks?parent={gone parent}&sort=position",
    "tasks?tag=lost&total=true",
    "tasks?tag=kept&sort=due&total=true",
    "tasks?q=e",
    "tasks?filter=/d | /c | %23gone | @lost",
    "counts",
    "lists",
    "sections",
    "sections?list={gone list}",
    "tags",
    "preferences",
    "changes?kinds=all",
    "export",
    "undo",
)


def writes(ids: dict[str, str]) -> Iterator[tuple[str, str, Any]]:
    """Of everything that is there, each way to write it."""
    for text in ("x /d", "x /c", "x #gone /d", "x #home /b", "x @lost @kept", "x"):
        yield "POST", "tasks/quick", {"text": text, "preview": True}
        yield "POST", "tasks/quick", {"text": text}
        yield "POST", "tasks/quick", {"text": text, "list_id": ids["gone list"]}
    for name in ("in gone list", "below", "in gone section", "orphan"):
        task = f"tasks/{ids[name]}"
        yield "PATCH", task, {"title": "x", "tags": ["lost", "kept"]}
        yield "PATCH", task, {"tags": []}
        yield "POST", f"{task}/tag", {"tags": ["lost"]}
        yield "POST", f"{task}/untag", {"tags": ["lost", "kept"]}
        yield "PATCH", f"{task}/complete", {"is_completed": True}
        yield "PATCH", f"{task}/complete", {"is_completed": False}
        for to in (
            {"place": "first"},
            {"list_id": ids["home"]},
            {"list_id": None, "parent_id": None},
            {"list_id": ids["gone list"]},
            {"section_id": ids["of gone list"]},
            {"section_id": ids["gone section"]},
            {"parent_id": ids["orphan"]},
            {"parent_id": ids["gone parent"]},
            {"after": ids["whole"]},
            {"before": ids["below"]},
        ):
            yield "POST", f"{task}/move", to
        yield "POST", "tasks", {"title": "x", "parent_id": ids[name]}
        yield "DELETE", task, None
    for name in ("section", "of gone list"):
        section = f"sections/{ids[name]}"
        yield "PATCH", section, {"name": "x"}
        yield "POST", f"{section}/move", {"place": "first"}
        yield "POST", f"{section}/move", {"list_id": ids["home"]}
        yield "DELETE", section, None
    yield "POST", "sections", {"name": "x", "list_id": ids["gone list"]}
    yield "PATCH", f"tags/{ids['tag kept']}", {"name": "held"}
    yield "POST", f"tags/{ids['tag kept']}/merge", {"into": ids["tag lost"]}
    yield "POST", "tags", {"name": "lost"}
    yield "DELETE", f"tags/{ids['tag kept']}", None
    yield "PATCH", "preferences", {"week_starts_on": "sunday"}
    yield "PATCH", "preferences", {"default_list_id": ids["gone list"]}
    yield "DELETE", f"lists/{ids['home']}?tasks=inbox", None
    yield "DELETE", f"lists/{ids['home']}?tasks=delete", None


def test_no_answer_is_an_error_of_the_server(one_server: Server, one_user: User) -> None:
    """Each write is undone again, so that the next one finds the same."""
    ids = dangle(one_server, one_user)
    failed = []

    def ask(method: str, path: str, **options: Any) -> Any:
        answer = one_user.request(method, f"/api/me/{path}", **options)
        if answer.status_code >= 500:
            failed.append((method, path, options, answer.text))
        return answer

    for path in READS:
        ask("GET", path.format_map(ids))
    for method, path, body in writes(ids):
        answer = ask(method, path, headers=UNDO, **({} if body is None else {"json": body}))
        if token := answer.headers.get("undo-token"):
            ask("POST", f"undo/{token}")
    for path in READS:
        ask("GET", path.format_map(ids))
    assert not failed
