"""TLS to PostgreSQL, with a server that speaks it: that of the wheel does not."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from database.conftest import migrated
from database.works import add, new_id, run_with
from doable.database.postgresql.database import PostgreSQLDatabase
from doable.errors import Misconfigured
from support.certificates import self_signed
from support.postgresql import OLDEST, PostgreSQL

IS_TLS = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'doable'"


@pytest.mark.skipif(not OLDEST.exists(), reason="PostgreSQL 15, which speaks TLS, is not installed")
def test_channel_binding_is_met_by_a_certificate_that_is_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, certificate = self_signed(tmp_path)
    with PostgreSQL(OLDEST) as server:
        server.use_certificate(certificate, tmp_path / "key.pem")
        settings = migrated(data_dir=tmp_path, database_url=server.new_database())
        url = f"{settings.postgresql_url}?sslmode=require&channel_binding=require"
        strict = settings.model_copy(update={"database_url": SecretStr(url)})

        async def test(database: PostgreSQLDatabase) -> None:
            await database.write(add(new_id()))
            assert server.sql(IS_TLS) == "t"

        with pytest.raises(Misconfigured, match="certificate verify failed"):
            run_with(strict, test)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        run_with(strict, test)
