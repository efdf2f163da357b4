"""/api/{user_id}/push: the browsers that are told, and the key that they subscribe with."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from doable.push.sealing import ServerKeys
from support import schema
from support.issuers import base64url
from support.push import Browser, bytes_of
from support.server import SECRET, Server
from support.users import User, assert_error
from support.writes import assert_detailed_error

PATH = "/api/me/push/subscriptions"
Subscription = dict[str, Any]


def browser() -> Browser:
    return Browser(f"https://fcm.googleapis.com/fcm/send/{uuid.uuid4()}:APA91b-_")


def subscribe(user: User, one: Browser) -> Subscription:
    answer = user.post(PATH, json=one.subscription)
    assert answer.status_code == 201, answer.text
    made: Subscription = answer.json()
    return made


def subscriptions(user: User) -> list[Subscription]:
    found: list[Subscription] = user.get(PATH).json()["subscriptions"]
    return found


def stored(server: Server, user: User) -> list[dict[str, Any]]:
    rows = schema.rows_of(schema.settings_of(server), "push_subscriptions")
    return [row for row in rows if str(row["owner_id"]) == user.id]


def test_the_key_is_a_point_and_the_same_for_everybody(alice: User, bob: User) -> None:
    answer = alice.get("/api/me/push")
    assert answer.status_code == 200
    key = answer.json()["public_key"]
    assert answer.json() == bob.get(f"/api/{bob.id}/push").json() == {"public_key": key}
    assert key == ServerKeys([SECRET.encode()], "").present.public
    # As `applicationServerKey` takes it: an uncompressed point of P-256.
    assert bytes_of(key)[0] == 4
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(key))


def test_a_browser_is_subscribed_and_unsubscribed(server: Server, alice: User) -> None:
    assert subscriptions(alice) == []
    one, other = browser(), browser()
    first, second = subscribe(alice, one), subscribe(alice, other)
    assert first.keys() == {"id", "created_at"}
    assert subscriptions(alice) == [first, second]
    (row,) = [row for row in stored(server, alice) if str(row["id"]) == first["id"]]
    assert (row["endpoint"], row["p256dh"], row["auth"]) == (one.endpoint, one.keys["p256dh"], one.keys["auth"])
    assert row["server_key"] == alice.get("/api/me/push").json()["public_key"]
    answer = alice.delete(f"{PATH}/{first['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert subscriptions(alice) == [second]
    assert_error(alice.delete(f"{PATH}/{first['id']}"), 404, "subscription_not_found")
    # The same browser again is a new one.
    assert subscribe(alice, one)["id"] != first["id"]


def test_neither_endpoint_nor_keys_are_answered(alice: User) -> None:
    one = browser()
    answers = [alice.post(PATH, json=one.subscription), alice.post(PATH, json=one.subscription), alice.get(PATH)]
    for answer in answers:
        assert one.endpoint not in answer.text
        assert not any(key in answer.text for key in one.keys.values())


def test_the_same_endpoint_again_is_the_same_subscription_with_its_new_keys(server: Server, alice: User) -> None:
    one = browser()
    made = subscribe(alice, one)
    renewed = Browser(one.endpoint)
    answer = alice.post(PATH, json=renewed.subscription)
    assert (answer.status_code, answer.json()) == (200, made)
    assert subscriptions(alice) == [made]
    assert [(row["p256dh"], row["auth"]) for row in stored(server, alice)] == [
        (renewed.keys["p256dh"], renewed.keys["auth"])
    ]


def test_of_many_requests_at_once_one_subscribes(alice: User) -> None:
    one = browser()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: alice.post(PATH, json=one.subscription), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_another_user_at_the_same_endpoint_is_another_subscription(alice: User, bob: User) -> None:
    one = browser()
    assert subscribe(alice, one)["id"] != subscribe(bob, one)["id"]


def test_twenty_are_enough(alice: User, bob: User) -> None:
    made = [subscribe(alice, browser()) for _ in range(20)]
    answer = alice.post(PATH, json=browser().subscription)
    assert_detailed_error(answer, 409, "too_many", limit="push_subscriptions")
    assert subscriptions(alice) == made
    subscribe(bob, browser())
    alice.delete(f"{PATH}/{made[0]['id']}")
    known = browser()
    subscribe(alice, known)
    assert alice.post(PATH, json=known.subscription).status_code == 200


def test_a_key_makes_it_once(alice: User) -> None:
    headers = {"Idempotency-Key": str(uuid.uuid4()), "Undo": "1"}
    one = browser()
    answers = [alice.post(PATH, json=one.subscription, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert answers[0].json() == answers[1].json()
    # It is nothing that could be undone.
    assert all("undo-token" not in answer.headers for answer in answers)
    assert_error(alice.post(PATH, json=browser().subscription, headers=headers), 422, "idempotency_key_reused")
    headers["Idempotency-Key"] = str(uuid.uuid4())
    path = f"{PATH}/{answers[0].json()['id']}"
    assert [alice.delete(path, headers=headers).status_code for _ in range(2)] == [204, 204]


def test_nobody_else_sees_or_removes_it(alice: User, bob: User) -> None:
    his = subscribe(bob, browser())
    assert subscriptions(alice) == []
    assert_error(alice.delete(f"{PATH}/{his['id']}"), 404, "subscription_not_found")
    assert_error(alice.delete(f"{PATH}/{uuid.uuid4()}"), 404, "subscription_not_found")
    assert_error(alice.delete(f"/api/{bob.id}/push/subscriptions/{his['id']}"), 403, "forbidden")
    assert_error(alice.get(f"/api/{bob.id}/push/subscriptions"), 403, "forbidden")
    assert subscriptions(bob) == [his]


def test_it_goes_with_its_user(server: Server, alice: User) -> None:
    subscribe(alice, browser())
    answer = alice.request("DELETE", "/api/auth/me", json={"password": "correct horse battery staple"})
    assert answer.status_code == 204
    assert stored(server, alice) == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://example.com/a",
        "http://fcm.googleapis.com/fcm/send/a",
        "https://fcm.googleapis.com@127.0.0.1/a",
        "http://127.0.0.1/a",
        "https://2130706433/a",
        "https://[::1]/a",
        "file:///etc/passwd",
        "",
        "\x00",
        "https://fcm.googleapis.com/" + "a" * 1974,
    ],
)
def test_an_endpoint_that_is_not_sent_to_is_refused_and_not_repeated(one_user: User, endpoint: str) -> None:
    answer = one_user.post(PATH, json={**browser().subscription, "endpoint": endpoint})
    body = assert_error(answer, 422, "push_host")
    assert [(problem["loc"], problem["type"]) for problem in body["detail"]] == [(["body", "endpoint"], "push_host")]
    assert not endpoint or endpoint not in answer.text
    assert subscriptions(one_user) == []


def keys(**changes: str) -> Callable[[Subscription], Any]:
    return lambda valid: {**valid, "keys": {**valid["keys"], **changes}}


def compressed() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return base64url(key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def point_of_another_curve() -> str:
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    return base64url(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


@pytest.mark.parametrize(
    ("change", "loc", "kind"),
    [
        (lambda _: [], [], "model_attributes_type"),
        (lambda _: {}, ["endpoint"], "missing"),
        (lambda valid: {**valid, "endpoint": None}, ["endpoint"], "string_type"),
        (lambda valid: {**valid, "endpoint": [valid["endpoint"]]}, ["endpoint"], "string_type"),
        (lambda valid: {**valid, "keys": None}, ["keys"], "model_attributes_type"),
        (lambda valid: {**valid, "keys": {}}, ["keys", "p256dh"], "missing"),
        (lambda valid: {**valid, "more": 1}, ["more"], "extra_forbidden"),
        (lambda valid: {**valid, "expiration_time": None}, ["expiration_time"], "extra_forbidden"),
        (lambda valid: {**valid, "expirationTime": "soon"}, ["expirationTime"], "float_type"),
        (keys(more="a"), ["keys", "more"], "extra_forbidden"),
        (keys(p256dh=""), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(p256dh="secret!"), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(p256dh=base64url(bytes(65))), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(p256dh=base64url(b"\x04" + bytes(64))), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(p256dh=base64url(b"\x04" + b"\xff" * 64)), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(p256dh=compressed()), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(p256dh=point_of_another_curve()), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(p256dh="é" * 87), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(p256dh="A" * 60_000), ["keys", "p256dh"], "push_key_not_valid"),
        (keys(auth=""), ["keys", "auth"], "push_key_not_valid"),
        (keys(auth=base64url(bytes(15))), ["keys", "auth"], "push_key_not_valid"),
        (keys(auth=base64url(bytes(17))), ["keys", "auth"], "push_key_not_valid"),
        (keys(auth="=" * 22), ["keys", "auth"], "push_key_not_valid"),
        (keys(auth="AAAA AAAAAAAAAAAAAAAAAA"), ["keys", "auth"], "push_key_not_valid"),
        (keys(auth="++++/////////////////A"), ["keys", "auth"], "push_key_not_valid"),
    ],
)
def test_what_is_no_subscription_is_refused(
    one_user: User, change: Callable[[Subscription], Any], loc: list[str], kind: str
) -> None:
    answer = one_user.post(PATH, json=change(browser().subscription))
    problem = assert_error(answer, 422, "validation_error")["detail"][0]
    assert (problem["loc"], problem["type"]) == (["body", *loc], kind)
    assert "secret" not in answer.text
    assert subscriptions(one_user) == []


def test_what_browsers_send_is_taken(one_user: User) -> None:
    for changes in ({"expirationTime": 1795727714000}, {"expirationTime": 1795727714000.5}, {"expirationTime": None}):
        one = browser()
        assert one_user.post(PATH, json={**one.subscription, **changes}).status_code == 201
    one = browser()
    del one.subscription["expirationTime"]
    # Some write keys with padding.
    one.subscription["keys"] = {name: key + "=" * (-len(key) % 4) for name, key in one.keys.items()}
    assert one_user.post(PATH, json=one.subscription).status_code == 201


def test_refuses_nobody_other_methods_and_what_is_no_id(one_server: Server, one_user: User) -> None:
    for method, path in (("GET", "/api/me/push"), ("GET", PATH), ("POST", PATH), ("DELETE", f"{PATH}/{uuid.uuid4()}")):
        assert_error(httpx.request(method, f"{one_server.url}{path}"), 401, "unauthenticated")
    for method, path in (("POST", "/api/me/push"), ("PUT", PATH), ("DELETE", PATH), ("GET", f"{PATH}/{uuid.uuid4()}")):
        assert_error(one_user.request(method, path), 405, "method_not_allowed")
    assert_error(one_user.delete(f"{PATH}/1"), 422, "validation_error")
    assert_error(one_user.get(PATH, params={"limit": 1}), 422, "validation_error")
