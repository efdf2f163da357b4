"""What `make bench` writes about what it has measured, and how it reads what the kernel knows."""

import asyncio
import importlib
import json
import os
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jwt
import pytest

from benchmarks import document, processes
from benchmarks.client import Measurement
from benchmarks.figures import Figure, end
from benchmarks.machine import Machine
from benchmarks.messages import parse
from benchmarks.report import Report
from benchmarks.rounds import Results, Rounds
from benchmarks.server import Contender
from benchmarks.workload import CREATE, GET, LIST, LOG_IN, MIX, OF_MIX
from support.server import Server
from support.users import User


class Named:
    conditions = "as it is"

    def __init__(self, name: str) -> None:
        self.name = name

    running = Contender.running


def measured(rate: float, p99: float) -> Measurement:
    return Measurement(answers=100, checked=2, rate=rate, p50=1.0, p99=p99, server_cpu=2.0, client_busy=0.2)


@pytest.fixture
def report() -> Report:
    rates = {"doable": 3000.0, "pocketbase": 1000.0, "usual": 100.0, "bare": 6000.0, "bare-grouped": 6000.0}
    results = Results(hashes=[50.0, 40.0, 45.0], memory=dict.fromkeys(rates, 80.0))
    for key, rate in rates.items():
        for operation in (GET, LIST, CREATE, MIX):
            for factor in (0.9, 1.0, 2.0):
                results.figures[key, operation, 16].append(measured(factor * rate, p99=10_000 / rate))
        results.figures[key, LOG_IN, 16].append(measured(36.0, p99=900.0))
    names: dict[str, Contender] = {key: Named(f"<{key}>") for key in rates}
    return Report(results, names, Rounds(0.8, 3, 0), Machine("a machine", 0.2), 400)


def test_the_tables_have_medians_and_ratios(report: Report) -> None:
    row = next(line for line in report.tables().splitlines() if line.startswith("| list 20, with total | <pocketbase>"))
    assert row.split(" | ")[2:] == ["1,000", "900 to 2,000", "1.0 ms", "10.0 ms", "2.0", "3.00", "0.33", "1.00 |"]


def test_a_target_that_was_missed_is_bold(report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{document.BEGIN}\nold\n{document.END}\nafter\n")
    monkeypatch.setattr(document, "PAGE", page)
    monkeypatch.setattr(document, "PICTURE", page.with_suffix(".svg"))
    document.write(report)
    text = page.read_text()
    assert text.startswith(f"before\n{document.BEGIN}\n")
    assert text.endswith(f"\n{document.END}\nafter\n")
    assert "old" not in text
    assert "| get one, requests/s | ≥ 2 | 3.00 |  | ≥ 4 | 30.00 |  |" in text
    assert "| list 20, with total, requests/s | ≥ 3.5 | **3.00** |  |" in text
    assert "get one 0.50 (asked 0.4), list 20, with total **0.50** (asked 0.65), create **0.50** (asked 0.55)." in text
    assert "and **0.80** at 16." in text
    bars = ET.fromstring(page.with_suffix(".svg").read_text()).findall("{http://www.w3.org/2000/svg}rect")  # noqa: S314 - our own
    assert len(bars) == 4 * 5


def test_the_page_has_a_place_for_the_figures() -> None:
    text = document.PAGE.read_text()
    assert text.count(document.BEGIN) == text.count(document.END) == 1
    assert text.index(document.BEGIN) < text.index(document.END)


def test_the_mix_is_what_the_page_says() -> None:
    shares = {operation: OF_MIX.count(operation) / len(OF_MIX) for operation in OF_MIX}
    assert shares == {"get": 0.35, "list": 0.35, "complete": 0.1, "update": 0.1, "create": 0.05, "delete": 0.05}


def test_an_answer_is_read_when_it_is_all_there() -> None:
    assert parse(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh") is None
    assert parse(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") == (200, b"hi")
    assert parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n") == (200, b"hi")
    assert parse(b"HTTP/1.1 204 No Content\r\n\r\n") == (204, b"")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it reads /proc")
def test_cpu_time_and_memory_are_those_of_the_kernel() -> None:
    before, began = processes.cpu_seconds([os.getpid()]), time.process_time()
    while time.process_time() < began + 0.2:
        pass
    assert processes.cpu_seconds([os.getpid()]) - before == pytest.approx(0.2, abs=0.1)
    assert 10 < processes.memory_mib(os.getpid()) < 10_000
    assert 5 < processes.shared_out_mib(os.getpid()) <= processes.memory_mib(os.getpid())


def test_a_benchmark_that_misses_a_figure_fails() -> None:
    reached, reported = Figure("a start", "0.5 s", "0.7 s", reached=True), Figure("memory", "90 MiB")
    end([reached, reported])
    with pytest.raises(SystemExit, match=r"^Not reached: a purge\.$"):
        end([reached, Figure("a purge", "300 ms", "255 ms", reached=False), reported])


def test_the_bare_application_answers_what_doable_does(
    one_server: Server, one_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the ceiling only as long as it does the same."""
    list_id = one_user.post(f"/api/{one_user.id}/lists", json={"name": "Groceries"}).json()["id"]
    due = {"date": "2027-01-02", "time": "18:00", "timezone": "Europe/Berlin"}
    full = one_user.new_task(
        list_id=list_id, tags=["shop"], due=due, start=due, priority="low", url="https://a.example"
    )
    secret = one_server.settings["SECRET_KEY"]
    token = jwt.encode({"sub": one_user.id, "exp": int(time.time()) + 60}, secret, "HS256")
    monkeypatch.setenv("SECRET_KEY", secret)
    monkeypatch.setenv("DATABASE", f"{one_server.settings['DATA_DIR']}/doable.db")
    bare = importlib.import_module("benchmarks.rivals.bare_asgi")

    def ask(method: str, path: str = "", query: str = "", body: bytes = b"") -> tuple[int, bytes]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        headers = [(b"authorization", f"Bearer {token}".encode())]
        scope = {"method": method, "path": f"/api/me/tasks{path}", "query_string": query.encode(), "headers": headers}
        asyncio.run(bare.app(scope, receive, send))
        return sent[0]["status"], sent[1]["body"]

    try:
        status, made = ask("POST", body=json.dumps({"title": "Buy oat milk", "description": "Zwölf"}).encode())
        tasks = [json.loads(made), full]
        assert status == 201
        assert made == one_user.get(f"{one_user.tasks}/{tasks[0]['id']}").content
        for task in tasks:
            path = f"/{task['id']}"
            assert ask("GET", path) == (200, one_user.get(one_user.tasks + path).content)
        assert ask("GET", query="limit=20") == (200, one_user.get(f"{one_user.tasks}?limit=20").content)
    finally:
        bare.database.close()
