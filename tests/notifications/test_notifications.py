"""GET …/notifications, PATCH …/notifications/{id}, POST …/notifications/seen: what the user was told, and has seen."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from doable.notifications.schemas import NotificationRead
from support.changes import changes
from support.notifications import planted
from support.users import User, assert_error

PATH = "/api/me/notifications"


def test_the_newest_first_page_by_page(alice: User) -> None:
    made = [planted(alice) for _ in range(5)][::-1]
    assert [each["id"] for each in alice.get(PATH).json()["notifications"]] == made
    found, query = [], "?limit=2"
    while True:
        answer = alice.get(PATH + query).json()
        found += [each["id"] for each in answer["notifications"]]
        if answer["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={answer['next_cursor']}"
    assert found == made


def test_it_is_answered_as_the_model_would_be(alice: User) -> None:
    id_ = planted(alice)
    (listed,) = alice.get(PATH).json()["notifications"]
    changed = alice.patch(f"{PATH}/{id_}", json={"is_seen": True})
    model = NotificationRead.model_validate_json(changed.content, strict=True)
    assert model.model_dump_json().encode() == changed.content
    assert changed.json() == {**listed, "is_seen": True, "revision": 2, "updated_at": changed.json()["updated_at"]}
    assert changed.headers["etag"] == '"2.1"'
    (exported,) = alice.get("/api/auth/me/export").json()["notifications"]
    assert exported == {**changed.json(), "sequence": 1, "seen_at": changed.json()["updated_at"]}


def test_it_is_seen_and_not_seen(alice: User) -> None:
    first, second = planted(alice), planted(alice)

    def listed(query: str) -> list[str]:
        return [each["id"] for each in alice.get(PATH + query).json()["notifications"]]

    seen = alice.patch(f"{PATH}/{first}", json={"is_seen": True}).json()
    assert (listed("?seen=true"), listed("?seen=false"), listed("")) == ([first], [second], [second, first])
    told = changes(alice, since=2, kinds="notification")["changes"]
    assert [(each["revision"], each["notification"]) for each in told] == [(3, seen)]
    assert changes(alice, since=2)["changes"] == []
    refused = alice.patch(f"{PATH}/{first}", json={"is_seen": False}, headers={"If-Match": '"1.1"'})
    assert (refused.status_code, refused.json()["current"]) == (412, seen)
    undoable = alice.patch(f"{PATH}/{first}", json={"is_seen": False}, headers={"If-Match": '"3.1"', "Undo": "1"})
    assert undoable.json()["is_seen"] is False
    undone = alice.post(f"/api/me/undo/{undoable.headers['undo-token']}").json()
    assert undone == {"undone": 1, "conflicts": []}
    assert listed("?seen=true") == [first]


def test_all_up_to_a_revision_are_seen(alice: User, bob: User) -> None:
    for _ in range(3):
        planted(alice)
    planted(bob)
    assert alice.post(f"{PATH}/seen", json={"up_to": 2}).json() == {"seen": 2}
    assert [each["is_seen"] for each in alice.get(PATH).json()["notifications"]] == [False, True, True]
    assert alice.post(f"{PATH}/seen", json={"up_to": 2}).json() == {"seen": 0}
    assert alice.post(f"{PATH}/seen", json={"up_to": 2**53 - 1}).json() == {"seen": 1}
    revisions = [each["revision"] for each in alice.get(PATH).json()["notifications"]]
    assert sorted(revisions) == [4, 5, 6]
    assert [each["is_seen"] for each in bob.get(PATH).json()["notifications"]] == [False]


def test_it_is_gone_after_thirty_days_and_nobody_elses_is(alice: User, bob: User) -> None:
    """What is purged is looked at in `test_firing.py`; here, who sees it."""
    old = planted(alice, at=datetime.now(UTC) - timedelta(days=29))
    assert [each["id"] for each in alice.get(PATH).json()["notifications"]] == [old]
    assert bob.get(PATH).json() == {"notifications": [], "next_cursor": None}
    assert_error(bob.patch(f"{PATH}/{old}", json={"is_seen": True}), 404, "notification_not_found")
    assert_error(alice.patch(f"{PATH}/{uuid.uuid4()}", json={"is_seen": True}), 404, "notification_not_found")


@pytest.mark.parametrize(
    "query", ["?seen=maybe", "?limit=0", "?limit=101", "?cursor=", "?cursor=0", "?cursor=a", "?a=1"]
)
def test_a_query_that_cannot_be_is_refused(one_user: User, query: str) -> None:
    error = assert_error(one_user.get(PATH + query), 422, "validation_error")
    assert error["detail"][0]["loc"][0] == "query"


def test_a_body_that_cannot_be_is_refused(one_user: User) -> None:
    bodies: list[Any] = [{"is_seen": None}, {"is_seen": 1}, {"seen": True}, []]
    for body in bodies:
        assert_error(one_user.patch(f"{PATH}/{uuid.uuid4()}", json=body), 422, "validation_error")
    bodies = [{}, {"up_to": -1}, {"up_to": 2**53}, {"up_to": "1"}, {"up_to": 1.5}, []]
    for body in bodies:
        assert_error(one_user.post(f"{PATH}/seen", json=body), 422, "validation_error")
    assert_error(one_user.patch(f"{PATH}/no-id", json={"is_seen": True}), 422, "validation_error")
