"""/metrics: by METRICS_TOKEN, and at METRICS_PORT; the sums of two workers."""

import os
import signal
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.dav import Phone
from support.ports import free_port
from support.server import Server, doable
from support.users import TLS, User, assert_error
from support.workers import children

TOKEN = "a token for the scraper"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two workers, whose figures are open both ways."""
    port = str(free_port())
    folder = tmp_path_factory.mktemp("measured")
    with Server(folder, "--workers", "2", METRICS_TOKEN=TOKEN, METRICS_PORT=port) as running:
        until(lambda: listens(running))
        yield running


def by_token(server: Server) -> str:
    answer = httpx.get(f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, verify=TLS)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return answer.text


def listener(server: Server) -> str:
    return f"http://127.0.0.1:{server.settings['METRICS_PORT']}"


def by_port(server: Server) -> str:
    return httpx.get(f"{listener(server)}/metrics", verify=TLS).raise_for_status().text


def listens(server: Server) -> bool:
    try:
        return bool(by_port(server))
    except httpx.TransportError:
        return False


def figures(text: str) -> Figures:
    families = text_string_to_metric_families(text)
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def figure(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0)


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_a_setting_there_is_no_such_address(one_server: Server) -> None:
    for headers in ({}, {"Authorization": f"Bearer {TOKEN}"}):
        assert_error(httpx.get(f"{one_server.url}/metrics", headers=headers, verify=TLS), 404, "route_not_found")


def test_the_token_opens_it_and_nothing_else(measured: Server) -> None:
    with closing(User(measured.url)) as alice:
        for sent in (
            "",
            "Bearer",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Basic {TOKEN}",
            f"Bearer {alice.token}",
        ):
            refused = httpx.get(f"{measured.url}/metrics", headers={"Authorization": sent}, verify=TLS)
            assert_error(refused, 401, "unauthenticated")
            assert "METRICS_TOKEN" in refused.json()["message"]
        assert "/metrics" not in alice.get("/openapi.json").json()["paths"]
    assert figures(by_token(measured)).keys() >= {("doable_workers", frozenset())}
    assert TOKEN not in measured.log


def test_every_request_is_counted_once_whichever_worker_had_it(measured: Server) -> None:
    route = "/api/{user_id}/tasks"
    created = {"method": "POST", "route": route}

    def number(text: str, status: str = "2xx") -> float:
        return figure(figures(text), "doable_requests_total", **created, status=status)

    before = number(by_token(measured))
    refused = number(by_token(measured), "4xx")
    with closing(User(measured.url)) as alice:
        headers = {"Authorization": f"Bearer {alice.token}"}
        for _ in range(20):
            # Each on a connection of its own, which either worker may take.
            assert httpx.post(
                f"{measured.url}{alice.tasks}", json={"title": "a"}, headers=headers, verify=TLS
            ).is_success
        assert alice.post(alice.tasks, json={"title": ""}).status_code == 422
        alice.get(f"/{uuid.uuid4()}")
        until(lambda: number(by_port(measured)) == before + 20)
        told = ""

        def is_told() -> bool:
            # All by one answer: the other worker may know as much a second later.
            nonlocal told
            told = by_token(measured)
            both = figure(figures(told), "doable_workers") == 2
            return both and (number(told), number(told, "4xx")) == (before + 20, refused + 1)

        until(is_told)
        found = figures(told)
        assert figure(found, "doable_request_seconds_count", **created) == before + 20 + refused + 1
        assert figure(found, "doable_request_seconds_bucket", **created, le="+Inf") == before + 20 + refused + 1
        assert figure(found, "doable_commit_writes_sum") >= 20
        assert figure(found, "doable_memory_bytes") > 2 * 10_000_000
        assert figure(found, "doable_database_connections", state="used") == 0
        # Nothing without a bound, and nothing of anybody's: a label is a method, a template, a class of status or a bound.
        labels = {value for _, pairs in found for name, value in pairs if name != "le"}
        assert not any(alice.id in label or len(label) > 60 for label in labels)
        with alice.stream("GET", f"/api/{alice.id}/events") as stream:
            assert stream.status_code == 200
            until(lambda: figure(figures(by_port(measured)), "doable_event_streams") == 1)


def test_calendar_programs_are_counted_by_the_kind_of_address(measured: Server) -> None:
    with closing(User(measured.url)) as alice, closing(Phone(alice)) as phone:
        asked = [
            ("PROPFIND", phone.home, "2xx"),
            ("REPORT", phone.inbox, "4xx"),
            ("MKCALENDAR", f"{phone.home}a/", "2xx"),
        ]
        for method, path, _ in asked:
            phone.dav(method, path)
        routes = {phone.home: "/dav/calendars/{user_id}", phone.inbox: "/dav/calendars/{user_id}/{list}"}

        def are_counted() -> bool:
            found = figures(by_token(measured))
            return all(
                figure(
                    found,
                    "doable_requests_total",
                    method=method,
                    route=routes.get(path, "/dav/calendars/{user_id}/{list}"),
                    status=status,
                )
                for method, path, status in asked
            )

        until(are_counted)


def test_it_says_how_old_the_last_backup_is(measured: Server, tmp_path: Path) -> None:
    name = "doable_backup_age_seconds"
    assert (name, frozenset()) not in figures(by_port(measured))
    assert doable("backup", str(tmp_path / "backup"), cwd=tmp_path, **measured.settings).returncode == 0
    until(lambda: (name, frozenset()) in figures(by_port(measured)))
    assert 0 <= figure(figures(by_port(measured)), name) < 60


def test_the_listener_answers_that_and_nothing_else(measured: Server) -> None:
    with httpx.Client(base_url=listener(measured), verify=TLS) as scraper:
        assert scraper.get("/metrics?name=x").status_code == 200
        head = scraper.head("/metrics")
        assert (head.status_code, head.content) == (200, b"")
        assert [scraper.get(path).status_code for path in ("/", "/livez", "/metrics/x")] == [404] * 3
        posted = scraper.post("/metrics")
        assert (posted.status_code, posted.headers["allow"]) == (405, "GET, HEAD")
        as_open_metrics = scraper.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
        assert as_open_metrics.headers["content-type"].startswith("application/openmetrics-text")
    port = int(measured.settings["METRICS_PORT"])
    for nonsense in (b"\r\n\r\n", b"\0" * 100 + b"\r\n\r\n", b"GET /metrics HTTP/1.1\r\n" + b"a" * 20_000):
        # It may be closed before all of it was read.
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client, suppress(ConnectionError):
            client.sendall(nonsense)
            assert b"200" not in client.recv(100)
    with pytest.raises(OSError, match=r".*"):
        socket.create_connection(("127.0.0.2", port), timeout=5)
    assert by_port(measured)


def test_what_a_worker_has_counted_stays_when_it_is_killed(measured: Server) -> None:
    # A request that no other test makes: what one of those has just made may be counted after this one has begun.
    name, labels = (
        "doable_requests_total",
        {"method": "GET", "route": "/api/{user_id}/lists/{list_id}", "status": "4xx"},
    )
    with closing(User(measured.url)) as alice:
        for _ in range(3):
            assert_error(alice.get(f"/api/{alice.id}/lists/{uuid.uuid4()}"), 404, "list_not_found")
    until(lambda: figure(figures(by_port(measured)), name, **labels) == 3)
    for pid in children(measured):
        os.kill(pid, signal.SIGKILL)

    until(lambda: listens(measured) and figure(figures(by_port(measured)), name, **labels) == 3)
