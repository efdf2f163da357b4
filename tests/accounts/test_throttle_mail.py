"""THROTTLE_RESET, THROTTLE_VERIFICATION and THROTTLE_MAIL: how many mails may be asked for with one address, and by one network."""

import asyncio
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from conftest import NewServer
from doable.database import open_database
from doable.errors import TooManyRequests
from doable.settings import Settings
from doable.settings.limits import Limit
from doable.throttling.addresses import Origin
from doable.throttling.throttle import Throttle
from support.users import PASSWORD, TLS, User, assert_error


def test_each_address_has_its_own_count_for_each_kind_of_mail(data: Path) -> None:
    async def run() -> None:
        async with open_database(Settings(_env_file=None, data_dir=data)) as database:
            throttle = Throttle(database, {"reset": Limit.parse("2/hour"), "verification": Limit.parse("1/hour")})
            await throttle.verification("alice@example.com", Origin(None, None))
            for _ in range(2):
                await throttle.reset("alice@example.com", Origin(None, None))
            with pytest.raises(TooManyRequests) as raised:
                await throttle.reset("alice@example.com", Origin(None, None))
            assert 3590 < raised.value.retry_after <= 3600
            with pytest.raises(TooManyRequests):
                await throttle.verification("alice@example.com", Origin(None, None))
            await throttle.reset("bob@example.com", Origin(None, None))
            await throttle.verification("bob@example.com", Origin(None, None))
            off = Throttle(database, {"reset": None, "verification": None})
            await off.reset("alice@example.com", Origin(None, None))
            await off.verification("alice@example.com", Origin(None, None))

    asyncio.run(run())


def test_a_network_asks_for_so_many_whatever_the_addresses(new_server: NewServer) -> None:
    def ask(path: str, number: int, address: str) -> httpx.Response:
        body, headers = {"email": f"{number}@example.com"}, {"X-Forwarded-For": address}
        return httpx.post(f"{server.url}/api/auth{path}", json=body, headers=headers, timeout=60, verify=TLS)

    with new_server(TRUSTED_PROXIES="127.0.0.1", THROTTLE_MAIL="3/hour") as server:
        for number, path in enumerate(("/password/forgot", "/email/resend", "/password/forgot")):
            assert ask(path, number, "192.0.2.1").status_code == 202
        for number, path in enumerate(("/password/forgot", "/email/resend"), 3):
            answer = ask(path, number, "192.0.2.1")
            assert_error(answer, 429, "too_many_requests")
            assert 3590 < int(answer.headers["retry-after"]) <= 3600
        # From elsewhere the same are not refused, nor are any from this machine.
        for number in range(3, 6):
            assert ask("/password/forgot", number, "192.0.2.2").status_code == 202
        for number in range(6, 11):
            assert ask("/password/forgot", number, "127.0.0.1").status_code == 202


def test_a_user_cannot_have_somebody_else_flooded_by_changing_the_address(new_server: NewServer) -> None:
    with new_server(THROTTLE_VERIFICATION="2/hour") as server, closing(User(server.url)) as alice:
        change = {"new_email": "victim@example.com", "password": PASSWORD}
        assert [alice.post("/api/auth/email", json=change).status_code for _ in range(3)] == [202, 202, 429]
        change["new_email"] = "other@example.com"
        assert alice.post("/api/auth/email", json=change).status_code == 202


def test_by_default_it_is_five_an_hour() -> None:
    settings = Settings(_env_file=None)
    assert settings.throttle_reset == settings.throttle_verification == Limit.parse("5/hour")
