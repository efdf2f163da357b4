"""What is undone when somebody has taken its name or its UID."""

from support.dav import Phone
from support.ical import make, names, synced, text_of, todo


def test_what_is_undone_after_somebody_has_taken_its_name_and_uid(phone: Phone) -> None:
    task = phone.user.new_task("Back again")
    token = phone.user.delete(f"{phone.user.tasks}/{task['id']}", headers={"Undo": "1"}).headers["undo-token"]
    taken = make(phone, phone.inbox, todo("other", "SUMMARY:Mine"), f"{task['id']}.ics")
    assert phone.user.post(f"/api/{phone.user.id}/undo/{token}").json() == {"undone": 1, "conflicts": []}
    there = {name: text_of(phone, f"{phone.inbox}{name}") for name in names(synced(phone, phone.inbox))}
    assert len(there) == 2
    assert "SUMMARY:Mine" in text_of(phone, taken)
    assert sum("SUMMARY:Back again" in text for text in there.values()) == 1


def test_a_text_with_a_uid_that_is_taken_when_it_is_undone(phone: Phone) -> None:
    path = make(phone, phone.inbox, todo("one", "SUMMARY:First"), "first.ics")
    assert phone.delete(path).status_code == 204
    token = phone.user.get(f"/api/{phone.user.id}/undo").json()["undos"][0]["token"]
    make(phone, phone.inbox, todo("one", "SUMMARY:Second"), "second.ics")
    assert phone.user.post(f"/api/{phone.user.id}/undo/{token}").json() == {"undone": 1, "conflicts": []}
    texts = [text_of(phone, f"{phone.inbox}{name}") for name in names(synced(phone, phone.inbox))]
    assert len({line for text in texts for line in text.splitlines() if line.startswith("UID:")}) == 2
