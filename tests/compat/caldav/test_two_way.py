"""vdirsyncer on two devices of one account, todoman on top: what one person does on one of them is on the other, and in the API."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.testers import Account, start
from support.users import User

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

VDIRSYNCER = """
[general]
status_path = "status"

[pair lists]
a = "here"
b = "there"
collections = [["home", "home", "home"]]
metadata = ["displayname", "color"]
{conflicts}

[storage here]
type = "filesystem"
path = "lists"
fileext = ".ics"

[storage there]
type = "caldav"
item_types = ["VTODO"]
url = "{account.url}"
username = "{account.username}"
password = "{account.password}"
"""
TODOMAN = """
path = "lists/*"
date_format = "%Y-%m-%d"
time_format = "%H:%M"
default_list = "home"
cache_path = "cache/todoman.sqlite3"
"""


class Device:
    """A folder of lists with todoman, which vdirsyncer keeps as the server has them."""

    def __init__(self, folder: Path, account: Account, conflicts: str = "") -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "vdirsyncer").write_text(VDIRSYNCER.format(account=account, conflicts=conflicts))
        (folder / "todoman.py").write_text(TODOMAN)
        self.run("sh", "-c", "yes | vdirsyncer -c vdirsyncer discover")

    def run(self, *command: str, refuses: bool = False) -> str:
        process = start(command, self.folder)
        output = process.communicate(timeout=60)[0]
        assert (process.returncode != 0) == refuses, output
        return output

    def sync(self, *, refuses: bool = False) -> str:
        return self.run("vdirsyncer", "-c", "vdirsyncer", "sync", refuses=refuses)

    def sync_what_a_list_says(self) -> None:
        self.run("vdirsyncer", "-c", "vdirsyncer", "metasync")

    def says(self, name: str, value: str | None = None) -> str:
        """What the list says of itself, or from now on."""
        path = self.folder / "lists" / "home" / name
        if value is not None:
            path.write_text(value)
        return path.read_text()

    def todo(self, *arguments: str) -> str:
        return self.run("todo", "-c", "todoman.py", *arguments)

    def tasks(self) -> dict[str, dict[str, Any]]:
        """Open and done ones, by their summary."""
        found = json.loads(self.todo("--porcelain", "list", "--status", "ANY"))
        return {task["summary"]: task for task in found}

    def number(self, summary: str) -> str:
        return str(self.tasks()[summary]["id"])

    def texts(self) -> list[str]:
        """Each device has names of its own for them."""
        return sorted(path.read_text() for path in (self.folder / "lists" / "home").glob("*.ics"))


@pytest.mark.parametrize("name", ["Radicale", "Doable"])
def test_two_devices(accounts: dict[str, Account], name: str, tmp_path: Path) -> None:
    desk, phone = (Device(tmp_path / device, accounts[name]) for device in ("desk", "phone"))
    desk.todo("new", "--due", "2026-12-24 18:00", "--priority", "high", "--location", "Kiel", "Hafermilch; Käse, Brot")
    desk.todo("new", "--due", "2026-12-25", "Ruhen")
    desk.sync()
    phone.sync()
    assert phone.texts() == desk.texts()
    assert phone.tasks()["Hafermilch; Käse, Brot"]["location"] == "Kiel"

    phone.todo("done", phone.number("Ruhen"))
    phone.todo("edit", "--priority", "low", phone.number("Hafermilch; Käse, Brot"))
    phone.todo("new", "Schlafen")
    phone.sync()
    desk.sync()
    assert desk.texts() == phone.texts()
    assert desk.tasks()["Ruhen"]["completed"]
    assert desk.tasks()["Hafermilch; Käse, Brot"]["priority"] == 9

    desk.todo("delete", "--yes", desk.number("Schlafen"))
    desk.sync()
    phone.sync()
    assert set(phone.tasks()) == {"Hafermilch; Käse, Brot", "Ruhen"}

    for device in (desk, phone):
        device.sync_what_a_list_says()
    desk.says("displayname", "Zu Hause & Garten")
    desk.says("color", "#2a9d8f")
    for device in (desk, phone):
        device.sync_what_a_list_says()
    assert (phone.says("displayname"), phone.says("color")) == ("Zu Hause & Garten", "#2a9d8f")


@pytest.mark.parametrize(("name", "winner"), [("Radicale", "a"), ("Doable", "a"), ("Doable", "b")])
def test_conflicts(accounts: dict[str, Account], name: str, winner: str, tmp_path: Path) -> None:
    desk = Device(tmp_path / "desk", accounts[name])
    asks, decides = (
        Device(tmp_path / word, accounts[name], conflicts)
        for word, conflicts in (("asks", ""), ("decides", f'conflict_resolution = "{winner} wins"'))
    )
    desk.todo("new", "Hafermilch")
    for device in (desk, asks, decides):
        device.sync()
    for device, location in ((desk, "Kiel"), (asks, "Plön"), (decides, "Preetz")):
        device.todo("edit", "--location", location, device.number("Hafermilch"))
    desk.sync()
    # Both changed: nothing is written until somebody says what.
    assert "conflict" in asks.sync(refuses=True)
    assert asks.tasks()["Hafermilch"]["location"] == "Plön"
    decides.sync()
    desk.sync()
    assert desk.texts() == decides.texts()
    assert desk.tasks()["Hafermilch"]["location"] == ("Preetz" if winner == "a" else "Kiel")


def test_the_api_is_a_device_as_well(accounts: dict[str, Account], person: User, tmp_path: Path) -> None:
    desk = Device(tmp_path / "desk", accounts["Doable"])
    desk.todo("new", "--due", "2026-12-24 18:00", "Hafermilch")
    desk.sync()
    (task,) = person.get(person.tasks).json()["tasks"]
    assert task["title"] == "Hafermilch"
    person.patch(f"{person.tasks}/{task['id']}", json={"title": "Reismilch"})
    desk.sync()
    assert desk.tasks()["Reismilch"]["due"]
    desk.todo("done", desk.number("Reismilch"))
    desk.sync()
    assert person.get(f"{person.tasks}/{task['id']}").json()["is_completed"]
