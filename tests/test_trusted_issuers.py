"""TRUSTED_ISSUERS and BETTER_AUTH_URL: what can be trusted, and what stops the start."""

import json
from pathlib import Path
from typing import Any

import pytest

from doable.errors import Misconfigured
from doable.settings import Settings
from support.commands import assert_refused
from support.server import SECRET, doable

SHARED = "hunter2 is a secret of 32 bytes or more"
ENTRY = {"issuer": "https://login.example", "audience": "tasks", "jwks_url": "https://login.example/jwks"}
WITH_SECRET = {"issuer": "https://hs.example", "audience": "tasks", "secret": SHARED}


def loaded(entries: Any = None, **settings: Any) -> Settings:
    value = entries if isinstance(entries, str) or entries is None else json.dumps(entries)
    return Settings.load(secret_key=SECRET, trusted_issuers=value, **settings)


def test_nobody_is_trusted_unless_named() -> None:
    assert loaded().issuers == ()
    assert loaded("[]").issuers == ()


def test_everybody_who_is_named_is_trusted() -> None:
    found = loaded([ENTRY, WITH_SECRET], better_auth_url="https://auth.example").issuers
    assert [each.issuer for each in found] == ["https://login.example", "https://hs.example", "https://auth.example"]
    assert SHARED not in repr(found)


@pytest.mark.parametrize(
    ("url", "issuer", "jwks_url"),
    [
        ("https://app.example", "https://app.example", "https://app.example/api/auth/jwks"),
        ("https://app.example/", "https://app.example", "https://app.example/api/auth/jwks"),
        ("https://App.Example:443", "https://app.example", "https://app.example/api/auth/jwks"),
        ("https://app.example:8443", "https://app.example:8443", "https://app.example:8443/api/auth/jwks"),
        ("https://app.example/auth/", "https://app.example", "https://app.example/auth/jwks"),
        ("http://localhost:3000", "http://localhost:3000", "http://localhost:3000/api/auth/jwks"),
        ("http://[::1]:3000", "http://[::1]:3000", "http://[::1]:3000/api/auth/jwks"),
    ],
)
def test_better_auth_is_what_it_is_by_default(url: str, issuer: str, jwks_url: str) -> None:
    """Its issuer and audience are the origin; it answers at /api/auth, or where its URL says."""
    (found,) = loaded(better_auth_url=url).issuers
    assert (found.issuer, found.audience, found.jwks_url, found.secret) == (issuer, issuer, jwks_url, None)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ("hunter2", "must be a JSON list"),
        ("{", "must be a JSON list"),
        ("[" * 100_000, "must be a JSON list"),
        ({**ENTRY}, "must be a JSON list"),
        (["hunter2"], "is wrong in entry 1"),
        ([ENTRY, {}], "is wrong in entry 2: issuer Field required"),
        ([{**ENTRY, "issuer": ""}], "entry 1: issuer"),
        ([{**ENTRY, "issuer": "doable"}], "issuer is Doable's own name"),
        ([{**ENTRY, "issuer": "hunter2 "}], "entry 1: issuer"),
        ([{**ENTRY, "audience": None}], "entry 1: audience"),
        ([{**ENTRY, "audience": ["tasks"]}], "entry 1: audience"),
        ([{**ENTRY, "hunter2": 1}], "Extra inputs are not permitted"),
        ([{**ENTRY, "secret": SHARED}], "a jwks_url or a secret, and not both"),
        ([{**ENTRY, "jwks_url": None}], "a jwks_url or a secret, and not both"),
        ([{**WITH_SECRET, "secret": "hunter2" * 4}], "secret must have at least 32 bytes"),
        ([{**WITH_SECRET, "secret": SECRET}], "must not share a secret with SECRET_KEY"),
        ([ENTRY, {**WITH_SECRET, "issuer": ENTRY["issuer"]}], "must name each issuer once"),
        *(
            ([{**ENTRY, "jwks_url": url}], "jwks_url")
            for url in (
                "",
                "hunter2",
                "/jwks",
                "http://login.example/jwks",
                "http://127.0.0.1.example/jwks",
                "http://10.0.0.1/jwks",
                "ftp://login.example/jwks",
                "file:///etc/passwd",
                "https:///jwks",
                "https://user:hunter2@login.example/jwks",
                "https://login.example/jwks#hunter2",
                "https://login.example:99999/jwks",
                "https://login.example/jw ks",
                "https://login.example/jwks\r\nX: hunter2",
                "https://[::1/jwks",
            )
        ),
    ],
)
def test_refuses_what_cannot_be_trusted(entries: Any, words: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        loaded(entries)
    assert str(raised.value).startswith("The settings cannot be used: TRUSTED_ISSUERS ")
    assert words in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    ["hunter2", "http://app.example", "https://app.example?hunter2", "https://user:hunter2@app.example", "https://"],
)
def test_refuses_what_is_no_better_auth(url: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        loaded(better_auth_url=url)
    assert "BETTER_AUTH_URL" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_refuses_to_trust_better_auth_twice() -> None:
    with pytest.raises(Misconfigured, match="BETTER_AUTH_URL must name each issuer once"):
        loaded([{**ENTRY, "issuer": "https://app.example"}], better_auth_url="https://app.example")


def test_the_start_is_refused_in_a_sentence(tmp_path: Path) -> None:
    wrong = json.dumps([{**WITH_SECRET, "secret": "hunter2"}])
    result = doable("serve", "--port", "0", cwd=tmp_path, TRUSTED_ISSUERS=wrong)
    assert_refused(result, "TRUSTED_ISSUERS is wrong in entry 1: secret must have at least 32 bytes")
    assert "hunter2" not in result.stderr
