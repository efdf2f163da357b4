"""THROTTLE_RESET and THROTTLE_VERIFICATION: how many mails may be asked for with one address."""

import asyncio
from pathlib import Path

import pytest

from doable.database import open_database
from doable.errors import TooManyRequests
from doable.settings import Settings
from doable.settings.limits import Limit
from doable.throttling.throttle import Throttle


def test_each_address_has_its_own_count_for_each_kind_of_mail(data: Path) -> None:
    async def run() -> None:
        async with open_database(Settings(_env_file=None, data_dir=data)) as database:
            throttle = Throttle(database, {"reset": Limit.parse("2/hour"), "verification": Limit.parse("1/hour")})
            await throttle.verification("alice@example.com")
            for _ in range(2):
                await throttle.reset("alice@example.com")
            with pytest.raises(TooManyRequests) as raised:
                await throttle.reset("alice@example.com")
            assert 3590 < raised.value.retry_after <= 3600
            with pytest.raises(TooManyRequests):
                await throttle.verification("alice@example.com")
            await throttle.reset("bob@example.com")
            await throttle.verification("bob@example.com")
            off = Throttle(database, {"reset": None, "verification": None})
            await off.reset("alice@example.com")
            await off.verification("alice@example.com")

    asyncio.run(run())


def test_by_default_it_is_five_an_hour() -> None:
    settings = Settings(_env_file=None)
    assert settings.throttle_reset == settings.throttle_verification == Limit.parse("5/hour")
