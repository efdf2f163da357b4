"""The bearer check: what is no access token of Doable's, of a user's, and of now gets nowhere.

The tokens are made here from the RFCs alone, without a line of the product's or its library's, so that neither can
excuse itself.
"""

import base64
import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from support.api_tokens import DIGITS, create, with_checksum
from support.server import SECRET, Server
from support.users import PASSWORD, User, assert_error

KEY = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"doable access token").derive(SECRET.encode())
HEADER = {"alg": "HS256", "typ": "at+jwt", "kid": hashlib.sha256(KEY).hexdigest()[:16]}
ABSENT = object()
REQUIRED = ["iss", "aud", "sub", "iat", "exp", "jti", "sid"]


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def part(value: Any) -> str:
    return base64url(json.dumps(value).encode())


def signed(header: str, payload: str, key: bytes = KEY, digest: str = "sha256") -> str:
    """Both parts with their signature (RFC 7515, section 5.1)."""
    content = f"{header}.{payload}"
    return f"{content}.{base64url(hmac.digest(key, content.encode(), digest))}"


def changed(original: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**original, **changes}.items() if value is not ABSENT}


def claims_of(user: User, **changes: Any) -> dict[str, Any]:
    """The claims of a token that is valid now, with these changes."""
    now = int(time.time())
    claims = {
        "iss": "doable",
        "aud": "doable",
        "sub": user.id,
        "sid": str(uuid.uuid4()),
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 600,
        "email": user.email,
    }
    return changed(claims, changes)


def token_of(user: User, *, header: dict[str, Any] | None = None, key: bytes = KEY, **changes: Any) -> str:
    return signed(part(changed(HEADER, header or {})), part(claims_of(user, **changes)), key)


def bearing(guest: httpx.Client, *values: str | bytes, url: str = "/api/me/tasks") -> httpx.Response:
    """What the values get, each in an `Authorization` header of its own."""
    return guest.get(url, headers=httpx.Headers([(b"Authorization", encoded(value)) for value in values]))


def encoded(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def assert_refused(answer: httpx.Response) -> None:
    assert_error(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def assert_token_refused(guest: httpx.Client, token: str | bytes) -> None:
    for url in ("/api/me/tasks", "/api/auth/me"):
        assert_refused(bearing(guest, b"Bearer " + encoded(token), url=url))


@pytest.fixture(scope="module")
def alice(server: Server) -> Iterator[User]:
    """One for all: hundreds of attacks need no user each."""
    with closing(User(server.url)) as user:
        yield user


def test_what_the_attacks_start_from_is_valid(guest: httpx.Client, alice: User) -> None:
    assert json.loads(base64.urlsafe_b64decode(alice.token.split(".")[0] + "==")) == HEADER
    answer = bearing(guest, f"Bearer {token_of(alice)}", url="/api/auth/me")
    assert answer.status_code == 200
    assert answer.json()["id"] == alice.id


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "bEaReR ", "Bearer   "])
def test_the_scheme_has_no_case(guest: httpx.Client, alice: User, scheme: str) -> None:
    assert bearing(guest, f"{scheme}{alice.token}").status_code == 200


def test_an_expired_token_is_refused(guest: httpx.Client, alice: User) -> None:
    now = int(time.time())
    for seconds in (0, 1, 60, 10**9):
        assert_token_refused(guest, token_of(alice, iat=now - seconds - 1800, exp=now - seconds))


def test_a_token_is_refused_from_its_exp_on_although_it_was_verified_before(guest: httpx.Client, alice: User) -> None:
    expires = int(time.time()) + 8
    token = token_of(alice, exp=expires)
    assert bearing(guest, f"Bearer {token}").status_code == 200
    time.sleep(max(0, expires - 0.5 - time.time()))
    while (answer := bearing(guest, f"Bearer {token}")).status_code == 200:
        assert time.time() < expires + 60
        time.sleep(0.05)
    assert_refused(answer)
    assert time.time() >= expires
    # Before that, the clocks of two servers may differ by 10 seconds.
    assert bearing(guest, f"Bearer {token_of(alice, iat=int(time.time()) + 6)}").status_code == 200


def test_a_token_from_the_future_is_refused(guest: httpx.Client, alice: User) -> None:
    now = int(time.time())
    assert_token_refused(guest, token_of(alice, iat=now + 60))
    assert_token_refused(guest, token_of(alice, nbf=now + 60))


def test_a_token_holds_nothing_but_base64url(guest: httpx.Client, alice: User) -> None:
    """No padding either (RFC 7515, section 2)."""
    for extra in ("=", "==", "!", "~", "%", "*"):
        assert_token_refused(guest, f"{alice.token}{extra}")
        assert_token_refused(guest, f"{alice.token[:-9]}{extra}{alice.token[-9:]}")


def test_a_tampered_token_is_refused(guest: httpx.Client, alice: User, bob: User) -> None:
    header, payload, signature = alice.token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    other_signature = bob.token.split(".")[2]
    for tampered in (
        f"{header}.{part({**claims, 'sub': bob.id})}.{signature}",
        f"{header}.{part({**claims, 'exp': claims['exp'] + 1})}.{signature}",
        f"{part({**HEADER, 'extra': 1})}.{payload}.{signature}",
        f"{header}.{payload}.{other_signature}",
        f"{header}.{payload}.{signature[::-1]}",
        f"{header}.{payload}.{signature[:-4]}",
        f"{header}.{payload}.{signature[:21]}{'A' if signature[21] != 'A' else 'B'}{signature[22:]}",
        f"{header}.{payload}.{signature}AAAA",
        f"{header}.{payload}.{base64url(bytes(32))}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}..{signature}",
        f".{payload}.{signature}",
        f"{header}.{payload}.{signature}.",
        f"{header}.{payload}.{signature}.{signature}",
        f"{header}.{header}.{payload}.{signature}.{signature}",
        f"{header} {payload} {signature}",
    ):
        assert_token_refused(guest, tampered)
    assert bearing(guest, f"Bearer {alice.token}").status_code == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, ABSENT, 0, ["HS256"], {}])
def test_a_token_without_a_signature_is_refused(guest: httpx.Client, alice: User, algorithm: Any) -> None:
    content = f"{part(changed(HEADER, {'alg': algorithm}))}.{part(claims_of(alice))}"
    for token in (f"{content}.", content, f"{content}.{alice.token.split('.')[2]}", f"{content}.{base64url(b'none')}"):
        assert_token_refused(guest, token)
    # A signature by the right key does not help either.
    assert_token_refused(guest, token_of(alice, header={"alg": algorithm}))


@pytest.mark.parametrize(("algorithm", "digest"), [("HS512", "sha512"), ("HS384", "sha384"), ("hs256", "sha256")])
def test_another_algorithm_is_refused(guest: httpx.Client, alice: User, algorithm: str, digest: str) -> None:
    payload = part(claims_of(alice))
    assert_token_refused(guest, signed(part({**HEADER, "alg": algorithm}), payload, digest=digest))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA", "PS256", "dir", "HS256\x00", "HS1"])
def test_an_algorithm_is_not_chosen_by_the_header(guest: httpx.Client, alice: User, algorithm: str) -> None:
    assert_token_refused(guest, token_of(alice, header={"alg": algorithm}))


@pytest.mark.parametrize(
    "key",
    [
        b"a foreign key, of more than 32 bytes",
        bytes(32),
        b"",
        SECRET.encode(),
        hashlib.sha256(SECRET.encode()).digest(),
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"").derive(SECRET.encode()),
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"doable refresh token").derive(SECRET.encode()),
        HEADER["kid"].encode(),
    ],
    ids=["foreign", "zeros", "empty", "raw secret", "hash of the secret", "no purpose", "another purpose", "key id"],
)
def test_a_foreign_key_is_refused(guest: httpx.Client, alice: User, key: bytes) -> None:
    assert_token_refused(guest, token_of(alice, key=key))
    foreign_id = hashlib.sha256(key).hexdigest()[:16]
    embedded = {"kty": "oct", "k": base64url(key), "kid": foreign_id}
    assert_token_refused(guest, token_of(alice, key=key, header={"kid": foreign_id}))
    assert_token_refused(guest, token_of(alice, key=key, header={"kid": foreign_id, "jwk": embedded}))
    assert_token_refused(guest, token_of(alice, key=key, header={"jwk": embedded}))


@pytest.mark.parametrize(
    "kid", [ABSENT, None, "", "unknown", "../../dev/null", "' OR 1=1", 0, ["kid"], {}, HEADER["kid"].upper()]
)
def test_another_key_id_is_refused(guest: httpx.Client, alice: User, kid: Any) -> None:
    assert_token_refused(guest, token_of(alice, header={"kid": kid}))


@pytest.mark.parametrize("kind", [ABSENT, None, "", "JWT", "jwt", "rt+jwt", "at+jwt ", 1, ["at+jwt"]])
def test_another_type_is_refused(guest: httpx.Client, alice: User, kind: Any) -> None:
    assert_token_refused(guest, token_of(alice, header={"typ": kind}))


def test_an_extension_that_must_be_understood_is_refused(guest: httpx.Client, alice: User) -> None:
    """`crit` names header fields without which the token must not be used (RFC 7515, section 4.1.11)."""
    assert_token_refused(guest, token_of(alice, header={"crit": ["x"], "x": True}))
    assert_token_refused(guest, token_of(alice, header={"crit": ["b64"], "b64": False}))


@pytest.mark.parametrize("claim", REQUIRED)
@pytest.mark.parametrize("value", [ABSENT, None])
def test_every_claim_is_required(guest: httpx.Client, alice: User, claim: str, value: Any) -> None:
    assert_token_refused(guest, token_of(alice, **{claim: value}))


def test_only_the_email_is_missing(guest: httpx.Client, alice: User) -> None:
    assert_token_refused(guest, token_of(alice, email=ABSENT))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "another"),
        ("iss", "doabl"),
        ("iss", "oab"),
        ("iss", ""),
        ("iss", 1),
        ("iss", {"doable": 1}),
        ("aud", "another"),
        ("aud", "doabl"),
        ("aud", ""),
        ("aud", []),
        ("aud", ["another"]),
        ("aud", [1]),
        ("aud", {"doable": 1}),
        ("sub", "not a UUID"),
        ("sub", ""),
        ("sub", "me"),
        ("sub", 1),
        ("sub", ["a", "list"]),
        ("sub", {}),
        ("sub", True),
        ("sub", "0" * 31),
        ("sub", "\x00" * 32),
        ("sid", "not a UUID"),
        ("sid", 1),
        ("sid", []),
        ("jti", 1),
        ("jti", []),
        ("exp", "tomorrow"),
        ("exp", ""),
        ("exp", "9999999999"),
        ("exp", True),
        ("exp", 0),
        ("exp", -1),
        ("exp", -(10**30)),
        ("exp", float("nan")),
        ("exp", float("inf")),
        ("exp", float("-inf")),
        ("exp", 1e300),
        ("exp", 10**30),
        ("exp", 10**2000),
        ("exp", 2**63),
        ("exp", []),
        ("exp", {}),
        ("iat", "yesterday"),
        ("iat", float("nan")),
        ("iat", float("inf")),
        ("iat", 10**30),
        ("iat", []),
    ],
)
def test_a_wrong_claim_is_refused(guest: httpx.Client, alice: User, claim: str, value: Any) -> None:
    assert_token_refused(guest, token_of(alice, **{claim: value}))


def test_a_token_may_live_until_the_last_second_of_the_calendar(guest: httpx.Client, alice: User) -> None:
    token = token_of(alice, exp=253_402_300_799)
    assert bearing(guest, f"Bearer {token}").status_code == 200
    assert bearing(guest, f"Bearer {token}").status_code == 200
    assert_token_refused(guest, token_of(alice, exp=253_402_300_800))


def test_a_user_who_never_was_is_refused(guest: httpx.Client, alice: User) -> None:
    headers = {"Authorization": f"Bearer {token_of(alice, sub=str(uuid.uuid4()))}"}
    assert_token_refused(guest, headers["Authorization"].removeprefix("Bearer "))
    assert_refused(guest.post("/api/me/tasks", json={"title": "nobody's"}, headers=headers))
    task = alice.new_task()
    assert_refused(guest.put(f"/api/me/tasks/{task['id']}", json={"title": "nobody's"}, headers=headers))
    assert_refused(guest.delete(f"/api/me/tasks/{task['id']}", headers=headers))
    assert alice.get(alice.tasks).json()["tasks"] == [task]


@pytest.mark.parametrize(
    "token",
    [
        "a",
        ".",
        "..",
        "...",
        "a.b.c",
        "null",
        "undefined",
        "{}",
        "Bearer",
        "Bearer a.b.c",
        "!!!.???.***",
        "=.=.=",
        "a" * 4096,
        "." * 4096,
        "\xff\xfe".encode("latin-1"),
        b"\x80.\x80.\x80",
        "токен",
        "🔑.🔑.🔑",
        f"{base64url(b'null')}.{base64url(b'null')}.{base64url(b'null')}",
        f"{base64url(b'[]')}.{base64url(b'[]')}.",
        f"{base64url(b'1')}.{base64url(b'1')}.",
        f"{base64url(b'{')}.{base64url(b'{')}.",
        f"{base64url(bytes(8))}.{base64url(bytes(8))}.{base64url(bytes(8))}",
        f"{base64url(b'[' * 1500)}.{base64url(b'[' * 1500)}.",
    ],
)
def test_a_malformed_token_is_refused(guest: httpx.Client, token: str | bytes) -> None:
    assert_token_refused(guest, token)


@pytest.mark.parametrize(
    "payload", [b"null", b"[]", b'"doable"', b"1", b"", b"{", b"\xff", b"[" * 2500, b'{"a":' * 500, b"NaN"]
)
def test_a_payload_that_is_no_object_is_refused(guest: httpx.Client, payload: bytes) -> None:
    assert_token_refused(guest, signed(part(HEADER), base64url(payload)))


@pytest.mark.parametrize("header", [b"null", b"[]", b'"HS256"', b"1", b"", b"{", b"\xff", b"[" * 2500, b'{"a":' * 500])
def test_a_header_that_is_no_object_is_refused(guest: httpx.Client, alice: User, header: bytes) -> None:
    assert_token_refused(guest, signed(base64url(header), part(claims_of(alice))))


def test_a_token_over_4_kib_is_refused(guest: httpx.Client, alice: User) -> None:
    # Two thirds of the size, and some for what the claim adds: tried until it fits to the byte.
    lengths = {len(token_of(alice, padding="p" * size)): size for size in range(2400, 2900)}
    assert bearing(guest, f"Bearer {token_of(alice, padding='p' * lengths[4096])}").status_code == 200
    assert_token_refused(guest, token_of(alice, padding="p" * (lengths[4096] + 1)))
    assert_token_refused(guest, f"{alice.token}{'a' * 12_000}")


@pytest.mark.parametrize("value", ["Bearer", "Basic", "", "Bearer,", "null"])
def test_an_empty_token_is_refused(guest: httpx.Client, value: str) -> None:
    assert_refused(bearing(guest, value))


def test_other_schemes_are_refused(guest: httpx.Client, alice: User) -> None:
    basic = base64.b64encode(f"{alice.email}:{PASSWORD}".encode()).decode()
    for value in (
        f"Basic {basic}",
        f"Basic {alice.token}",
        f"Token {alice.token}",
        f"JWT {alice.token}",
        f"DPoP {alice.token}",
        f"Bearer: {alice.token}",
        f"Bearer={alice.token}",
        f"Bearer\t{alice.token}",
        f"Bearer{alice.token}",
        f'Bearer "{alice.token}"',
        f"Bearer token={alice.token}",
        f"Bearer {alice.token} {alice.token}",
        f"Bearer {alice.token}, Bearer {alice.token}",
        f"Bearer {alice.token},",
        alice.token,
    ):
        assert_refused(bearing(guest, value))


def test_two_headers_are_refused(guest: httpx.Client, alice: User, bob: User) -> None:
    mine, his = f"Bearer {alice.token}", f"Bearer {bob.token}"
    for values in ((mine, mine), (mine, his), (mine, "Basic a"), ("Basic a", mine), (mine, "Bearer")):
        assert_refused(bearing(guest, *values))


def test_a_token_elsewhere_is_none(guest: httpx.Client, alice: User) -> None:
    for name in ("access_token", "token", "authorization", "Authorization"):
        assert_refused(guest.get("/api/me/tasks", params={name: alice.token}))
        assert_refused(guest.get("/api/me/tasks", params={name: f"Bearer {alice.token}"}))
    for name in ("X-Access-Token", "X-Authorization", "Proxy-Authorization", "Cookie"):
        assert_refused(guest.get("/api/me/tasks", headers={name: f"Bearer {alice.token}"}))
    cookies = f"access_token={alice.token}; Authorization=Bearer {alice.token}"
    assert_refused(guest.get("/api/me/tasks", headers={"Cookie": cookies}))
    assert_refused(guest.post("/api/me/tasks", data={"access_token": alice.token}))
    assert_refused(guest.post("/api/me/tasks", json={"access_token": alice.token, "title": "a"}))


@pytest.fixture(scope="module")
def api_token(alice: User) -> str:
    token: str = create(alice)["token"]
    return token


def test_a_changed_api_token_is_refused(guest: httpx.Client, alice: User, api_token: str) -> None:
    assert bearing(guest, f"Bearer {api_token}").status_code == 200
    content, check = api_token[7:94], api_token[94:]
    for place in range(7, len(api_token)):
        # Any other character in its place.
        other = DIGITS[(DIGITS.index(api_token[place]) + 1 + place % 61) % 62]
        assert other != api_token[place]
        assert_token_refused(guest, f"{api_token[:place]}{other}{api_token[place + 1 :]}")
    # As an attacker would do it who knows how the checksum is made.
    user, token_id, secret = content[:22], content[22:44], content[44:]
    for changed in (
        content[::-1],
        content.swapcase(),
        f"{'0' if content[0] != '0' else '1'}{content[1:]}",
        f"{user}{token_id}{secret.swapcase()}",
        f"{token_id}{user}{secret}",
        f"{user}{user}{secret}",
        # More than 128 bits.
        f"{'z' * 22}{token_id}{secret}",
        f"{user}{'z' * 22}{secret}",
        "0" * 87,
        "z" * 87,
        # The secret alone, as tokens of the first form are.
        secret,
        "0" * 43,
    ):
        assert_token_refused(guest, with_checksum(changed))
    other_token = create(alice)["token"]
    for token in (
        api_token.upper(),
        api_token.lower(),
        api_token.swapcase(),
        f"DOABLE_{api_token[7:]}",
        f"Doable_{api_token[7:]}",
        f"doable-{api_token[7:]}",
        f"doable{api_token[7:]}",
        f"doable_doable_{api_token[7:]}",
        api_token[7:],
        api_token[:-1],
        api_token[:50],
        api_token[:94],
        f"{api_token}0",
        f"{api_token}=",
        f"{api_token}.",
        f"{api_token}{check}",
        f"{api_token[:-1]}\x80".encode("latin-1"),
        f"doable_{content}{other_token[94:]}",
        f"doable_{other_token[7:94]}{check}",
        f"doable_{content[:-1]}{check}",
        f"doable_{content[1:]}{content[0]}{check}",
        "doable_",
        f"doable_{'~' * 93}",
        f"doable_{'_' * 93}",
        f"doable_{'٣' * 93}",
        f"doable_{'~' * 49}",
        f"doable_{api_token[7:]}{'a' * 12_000}",
        f"doable_{'a' * 12_000}",
        hashlib.sha256(api_token.encode()).hexdigest(),
        f"doable_{hashlib.sha256(api_token.encode()).hexdigest()[:49]}",
        f"{api_token}.{alice.token}",
        f"doable_{alice.token}",
    ):
        assert_token_refused(guest, token)
    assert bearing(guest, f"Bearer {api_token}").status_code == 200


def test_an_api_token_counts_in_the_one_header_only(guest: httpx.Client, alice: User, api_token: str) -> None:
    script, log_in = f"Bearer {api_token}", f"Bearer {alice.token}"
    for values in ((script, script), (script, log_in), (log_in, script), (script, "Basic a"), (script, "Bearer")):
        assert_refused(bearing(guest, *values))
    for value in (
        f"Basic {api_token}",
        f"Token {api_token}",
        f"{script} {api_token}",
        f"{script}, {script}",
        api_token,
    ):
        assert_refused(bearing(guest, value))
    for name in ("access_token", "token", "api_key", "Authorization"):
        assert_refused(guest.get("/api/me/tasks", params={name: api_token}))
        assert_refused(guest.get("/api/me/tasks", headers={"Cookie": f"{name}={api_token}"}))
    for name in ("X-API-Key", "X-Access-Token", "Api-Key", "Proxy-Authorization"):
        assert_refused(guest.get("/api/me/tasks", headers={name: script}))
    assert_refused(guest.post("/api/me/tasks", json={"access_token": api_token, "title": "a"}))


def test_no_kind_of_token_passes_for_another(guest: httpx.Client, alice: User, api_token: str) -> None:
    credentials = {"email": alice.email, "password": PASSWORD}
    refresh_token = guest.post("/api/auth/login", json=credentials).json()["refresh_token"]
    assert len(refresh_token) == 116
    for token in (refresh_token, f"doable_{refresh_token}", with_checksum(refresh_token)):
        assert_token_refused(guest, token)
    for token in (api_token, api_token[7:50]):
        answer = guest.post("/api/auth/refresh", json={"refresh_token": token})
        assert_error(answer, 401, "refresh_token_invalid")
    # None of that was a use of it.
    assert guest.post("/api/auth/refresh", json={"refresh_token": refresh_token}).status_code == 200


@pytest.mark.parametrize("authorization", [{}, {"Authorization": "Bearer a.b.c"}, {"Authorization": "Bearer doable_a"}])
@pytest.mark.parametrize(
    "body",
    [b"{", b'{"title": 7}', b"\xff", b"[" * 60_000, b" " * 100_000],
    ids=["malformed", "wrong", "bytes", "deep", "large"],
)
def test_the_token_comes_before_the_body(guest: httpx.Client, authorization: dict[str, str], body: bytes) -> None:
    headers = {"Content-Type": "application/json", **authorization}
    for method, url in (
        ("POST", "/api/me/tasks"),
        ("PUT", "/api/me/tasks/nonsense"),
        ("PATCH", f"/api/me/tasks/{uuid.uuid4()}/complete"),
        ("DELETE", "/api/somebody/tasks/nonsense"),
        ("GET", "/api/somebody/tasks?limit=nonsense"),
    ):
        assert_refused(guest.request(method, url, content=body, headers=headers))


def test_a_body_that_never_comes_is_not_waited_for(server: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.putrequest("POST", "/api/me/tasks")
    connection.putheader("Authorization", "Bearer a.b.c")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", "1000")
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 401
    assert json.loads(answer.read())["code"] == "unauthenticated"
    connection.close()
