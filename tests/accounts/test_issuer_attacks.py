"""What is no log-in of a trusted issuer's gets nowhere, whatever its header and its claims say."""

import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.issuers import (
    ABSENT,
    ES256,
    HS256,
    RS256,
    SHARED_SECRET,
    SHARING,
    EdDSA,
    Issuer,
    SigningKey,
    base64url,
    part,
    signed,
)
from support.server import SECRET, Server
from support.users import TLS, User, assert_error

# One server and its issuers for all of them.
pytestmark = pytest.mark.xdist_group("issuer attacks")

OWN_KEY = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"doable access token").derive(SECRET.encode())
OWN_HEADER = {"alg": "HS256", "typ": "at+jwt", "kid": hashlib.sha256(OWN_KEY).hexdigest()[:16]}
KINDS = ["EdDSA", "ES256", "RS256"]


class Stage:
    """A server, and the issuers that it trusts: one for each kind of key, all with the same key id."""

    def __init__(self, server: Server, issuers: dict[str, Issuer], client: httpx.Client) -> None:
        self.server = server
        self.issuers = issuers
        self.client = client
        self.any = issuers["EdDSA"]

    def bearing(self, token: str, path: str = "/api/auth/me") -> httpx.Response:
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"})

    def assert_refused(self, token: str) -> None:
        for path in ("/api/auth/me", "/api/me/tasks"):
            assert_error(self.bearing(token, path), 401, "unauthenticated")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with ExitStack() as stack:
        keys = [EdDSA("shared"), ES256("shared"), RS256("shared")]
        issuers = {key.algorithm: stack.enter_context(Issuer(key)) for key in keys}
        sharing = stack.enter_context(Issuer(HS256("any", SHARED_SECRET)))
        sharing.url, sharing.audience = SHARING["issuer"], SHARING["audience"]
        trusted = json.dumps([*(issuer.entry for issuer in issuers.values()), SHARING])
        server = stack.enter_context(Server(tmp_path_factory.mktemp("attacks"), TRUSTED_ISSUERS=trusted))
        client = stack.enter_context(httpx.Client(base_url=server.url, timeout=30, verify=TLS))
        yield Stage(server, {**issuers, "HS256": sharing}, client)


@pytest.mark.parametrize("kind", [*KINDS, "HS256"])
def test_what_the_attacks_start_from_is_valid(stage: Stage, kind: str) -> None:
    token = stage.issuers[kind].token(f"ann of {kind}")
    for _ in range(2):
        assert stage.bearing(token).json()["name"] == f"ann of {kind}"
    # Doable's own log-ins still work beside it.
    with closing(User(stage.server.url)) as alice:
        assert alice.get("/api/auth/me").json()["id"] == alice.id


def test_who_is_not_trusted_is_not_even_asked(server: Server) -> None:
    with Issuer(EdDSA("one")) as issuer, httpx.Client(base_url=server.url) as client:
        answered = client.get("/api/auth/me", headers={"Authorization": f"Bearer {issuer.token('ann')}"})
        assert_error(answered, 401, "unauthenticated")
        assert issuer.asked == 0


@pytest.mark.parametrize("kind", KINDS)
def test_an_issuer_signs_for_itself_alone(stage: Stage, kind: str) -> None:
    issuer = stage.issuers[kind]
    for other in stage.issuers.values():
        if other is not issuer:
            stage.assert_refused(issuer.token("ann", iss=other.url, aud=other.audience))
            stage.assert_refused(issuer.token("ann", key=other.key))
            stage.assert_refused(issuer.token("ann", aud=other.audience))


def test_a_foreign_token_with_a_key_id_of_doables_is_refused(stage: Stage) -> None:
    for header in (OWN_HEADER, {"kid": OWN_HEADER["kid"]}, {"typ": "at+jwt", "kid": OWN_HEADER["kid"]}):
        stage.assert_refused(stage.any.token("ann", header=header))
        stage.assert_refused(stage.any.token("ann", header=header, iss="doable", aud="doable"))


def test_doables_own_key_signs_for_no_issuer(stage: Stage) -> None:
    for key in (HS256("shared", OWN_KEY), HS256(OWN_HEADER["kid"], OWN_KEY), HS256("shared", SECRET.encode())):
        for issuer in stage.issuers.values():
            stage.assert_refused(issuer.token("ann", key=key))
            stage.assert_refused(issuer.token("ann", key=key, header={"typ": "at+jwt"}))


@pytest.mark.parametrize("kind", KINDS)
def test_a_public_key_is_no_shared_secret(stage: Stage, kind: str) -> None:
    issuer = stage.issuers[kind]
    key = issuer.key
    assert isinstance(key, (EdDSA, ES256, RS256))
    public = key.private.public_key()
    info = PublicFormat.SubjectPublicKeyInfo
    secrets = [
        public.public_bytes(Encoding.PEM, info),
        public.public_bytes(Encoding.PEM, info).strip(),
        public.public_bytes(Encoding.DER, info),
        json.dumps(key.jwk).encode(),
        str(key.public.get("n", key.public.get("x"))).encode(),
    ]
    for secret in secrets:
        stage.assert_refused(issuer.token("ann", key=HS256(key.key_id, secret)))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", None, ABSENT, 0, ["EdDSA"], {}])
@pytest.mark.parametrize("kind", [*KINDS, "HS256"])
def test_a_token_without_a_signature_is_refused(stage: Stage, kind: str, algorithm: Any) -> None:
    issuer = stage.issuers[kind]
    stage.assert_refused(issuer.token("ann", header={"alg": algorithm}))
    header, payload, _ = issuer.token("ann", header={"alg": algorithm}).split(".")
    stage.assert_refused(f"{header}.{payload}.")
    stage.assert_refused(f"{header}.{payload}.{base64url(b'none')}")


@pytest.mark.parametrize("algorithm", ["HS256", "HS512", "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA", "eddsa"])
@pytest.mark.parametrize("kind", [*KINDS, "HS256"])
def test_an_algorithm_is_not_chosen_by_the_header(stage: Stage, kind: str, algorithm: str) -> None:
    if algorithm != kind:
        stage.assert_refused(stage.issuers[kind].token("ann", header={"alg": algorithm}))


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_no_address_of_a_header_is_followed(stage: Stage, name: str) -> None:
    mallory = EdDSA("shared")
    with Issuer(mallory) as elsewhere:
        stage.assert_refused(stage.any.token("ann", key=mallory, header={name: elsewhere.entry["jwks_url"]}))
        stage.assert_refused(
            stage.any.token("ann", key=mallory, header={name: elsewhere.entry["jwks_url"], "kid": "x"})
        )
        stage.assert_refused(stage.any.token("ann", key=mallory, header={name: "file:///etc/passwd"}))
        assert elsewhere.asked == 0


def test_no_key_of_a_header_is_used(stage: Stage) -> None:
    mallory = EdDSA("shared")
    for kid in ("shared", "another", ABSENT):
        for embedded in ({"jwk": mallory.jwk}, {"x5c": [mallory.public["x"]]}, {"jwk": mallory.jwk, "x5t": "x"}):
            stage.assert_refused(stage.any.token("ann", key=mallory, header={**embedded, "kid": kid}))
    symmetric = HS256("shared", b"mallory's own, of more than 32 bytes")
    stage.assert_refused(stage.any.token("ann", key=symmetric, header={"jwk": symmetric.jwk}))


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["b64"], "b64": False},
        {"crit": ["b64"], "b64": True},
        {"crit": ["x"], "x": 1},
        {"crit": []},
        {"crit": None},
        {"b64": False},
        {"typ": "logout+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": ""},
        {"typ": 1},
        {"typ": None},
        {"kid": ABSENT},
        {"kid": None},
        {"kid": ""},
        {"kid": 1},
        {"kid": ["shared"]},
        {"kid": "../../dev/null"},
        {"kid": "shared\x00"},
        {"kid": "SHARED"},
        {"kid": "k" * 501},
        {"kid": "' OR 1=1"},
    ],
)
def test_a_wrong_header_is_refused(stage: Stage, header: dict[str, Any]) -> None:
    stage.assert_refused(stage.any.token("ann", header=header))


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"])
def test_a_log_in_may_say_what_it_is(stage: Stage, kind: str) -> None:
    assert stage.bearing(stage.any.token("ann", header={"typ": kind})).status_code == 200


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        *(
            (claim, value)
            for claim in ("iss", "aud", "sub", "iat", "exp")
            for value in (ABSENT, None, [], {}, True, "")
        ),
        ("iss", "https://another.example"),
        ("iss", "doable"),
        ("iss", 1),
        ("aud", "another"),
        ("aud", ["another"]),
        ("aud", [1]),
        ("aud", 1),
        ("sub", 1),
        ("sub", ["ann"]),
        ("sub", "a" * 256),
        ("sub", "a" * 3000),
        ("sub", "ann\x00"),
        ("sub", "\x00"),
        ("sub", "ann\n"),
        ("sub", "ann\x7f"),
        ("sub", "ann\x85"),
        ("sub", "ann\u202e"),
        ("sub", "\ud800"),
        ("exp", "9999999999"),
        ("exp", 0),
        ("exp", -1),
        ("exp", -(10**30)),
        ("exp", 10**30),
        ("exp", 10**2000),
        ("exp", 253_402_300_799),
        ("exp", 1e300),
        ("exp", float("nan")),
        ("exp", float("inf")),
        ("iat", "0"),
        ("iat", -(10**30)),
        ("iat", 10**30),
        ("iat", 253_402_300_799),
        ("iat", float("nan")),
        ("nbf", "0"),
        ("nbf", None),
        ("nbf", float("inf")),
        ("jti", 1),
    ],
)
def test_a_wrong_claim_is_refused(stage: Stage, claim: str, value: Any) -> None:
    stage.assert_refused(stage.any.token("ann", **{claim: value}))


def test_the_times_are_looked_at(stage: Stage) -> None:
    now = int(time.time())
    day = 86_400
    wrong: list[dict[str, Any]] = [
        {"iat": now - 900, "exp": now - 11},
        {"iat": now + 60},
        {"nbf": now + 60},
        {"exp": now + 31 * day},
        {"iat": now - 20 * day, "exp": now + 11 * day},
        {"iat": -(10**10), "exp": now + 60},
    ]
    for times in wrong:
        stage.assert_refused(stage.any.token("ann", **times))
    right: list[dict[str, Any]] = [{"exp": now + 29 * day}, {"iat": now - day}, {"iat": now + 0.5, "exp": now + 60.5}]
    for times in right:
        assert stage.bearing(stage.any.token("ann", **times)).status_code == 200


def test_an_expired_token_is_valid_for_10_seconds_more(stage: Stage) -> None:
    expires = int(time.time()) - 4
    token = stage.any.token("ann", exp=expires)
    assert stage.bearing(token).status_code == 200
    # And no longer, although it was verified before.
    while stage.bearing(token).status_code == 200:
        assert time.time() < expires + 60
        time.sleep(0.1)
    stage.assert_refused(token)
    assert time.time() >= expires + 10


def test_several_audiences_may_be_named(stage: Stage) -> None:
    assert stage.bearing(stage.any.token("ann", aud=["another", stage.any.audience])).status_code == 200


@pytest.mark.parametrize("subject", ["me", "..", "%2e%2e", "a" * 255, "auth0|5f7c8ec7c33c6c004bbafe82", "Ünïcødé 🔑"])
def test_a_subject_is_only_compared(stage: Stage, subject: str) -> None:
    answered = stage.bearing(stage.any.token(subject))
    assert answered.status_code == 200
    user_id = answered.json()["id"]
    assert stage.bearing(stage.any.token(subject), f"/api/{user_id}/tasks").json()["total"] == 0
    # Nobody else is reached by that name.
    answered = stage.bearing(stage.any.token("ben"), f"/api/{user_id}/tasks")
    assert_error(answered, 403, "forbidden")


def test_two_issuers_may_call_two_users_the_same(stage: Stage) -> None:
    ids = {stage.bearing(issuer.token("same")).json()["id"] for issuer in stage.issuers.values()}
    assert len(ids) == 4


def test_a_tampered_token_is_refused(stage: Stage) -> None:
    token = stage.any.token("ann")
    header, payload, signature = token.split(".")
    other = stage.any.token("ben").split(".")
    for tampered in (
        f"{header}.{other[1]}.{signature}",
        f"{header}.{payload}.{other[2]}",
        f"{header}.{payload}.{signature[:-4]}",
        f"{header}.{payload}.{signature}AAAA",
        f"{header}.{payload}.{base64url(bytes(64))}",
        f"{header}.{payload}",
        f"{header}.{payload}.{signature}=",
        f"{header}=.{payload}.{signature}",
        f"{header}.{payload}.{signature}.{signature}",
        f"{header}!.{payload}.{signature}",
    ):
        stage.assert_refused(tampered)


@pytest.mark.parametrize("payload", [b"null", b"[]", b'"iss"', b"1", b"", b"{", b"\xff", b"[" * 2500, b'{"a":' * 500])
def test_what_is_no_object_is_refused(stage: Stage, payload: bytes) -> None:
    key: SigningKey = stage.any.key
    stage.assert_refused(signed(key, {"alg": "EdDSA", "kid": "shared"}, payload))
    claims = part(stage.any.claims("ann"))
    stage.assert_refused(f"{base64url(payload)}.{claims}.{base64url(bytes(64))}")


def test_a_claim_that_comes_twice_decides_nothing(stage: Stage) -> None:
    """Whichever of the two is taken, it is taken by all."""
    own, another = json.dumps(stage.any.url), json.dumps("https://another.example")
    rest = json.dumps(stage.any.claims("ann", iss=ABSENT))[1:]
    key, header = stage.any.key, {"alg": "EdDSA", "kid": "shared"}
    stage.assert_refused(signed(key, header, f'{{"iss": {own}, "iss": {another}, {rest}'.encode()))
    assert stage.bearing(signed(key, header, f'{{"iss": {another}, "iss": {own}, {rest}'.encode())).status_code == 200


def test_a_token_over_8_kib_is_refused(stage: Stage) -> None:
    assert stage.bearing(stage.any.token("ann", padding="p" * 5500)).status_code == 200
    stage.assert_refused(stage.any.token("ann", padding="p" * 6200))


def test_a_token_elsewhere_is_none(stage: Stage) -> None:
    token = stage.any.token("ann")
    values = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    for refused in (
        stage.client.get("/api/auth/me", headers=values),
        stage.client.get("/api/auth/me", params={"access_token": token}),
        stage.client.get("/api/auth/me", headers={"Cookie": f"better-auth.session_token={token}"}),
        stage.client.post("/api/auth/refresh", json={"refresh_token": token[:256]}),
    ):
        assert refused.status_code == 401


def test_nothing_of_it_is_logged_or_kept(stage: Stage) -> None:
    token = stage.any.token(f"subject {uuid.uuid4()}", secret_claim="not to be kept")
    assert stage.bearing(token).status_code == 200
    stage.assert_refused(token[:-4])
    written = stage.server.log.encode()
    written += b"".join(path.read_bytes() for path in stage.server.folder.rglob("doable.db*"))
    for each in (token, *token.split("."), "not to be kept", SHARED_SECRET.decode()):
        assert each.encode() not in written


def test_attacks_are_answered_and_nothing_else(stage: Stage) -> None:
    """No error of another kind came of any of them."""
    assert '"status":500' not in stage.server.log
    assert '"level":"error"' not in stage.server.log
