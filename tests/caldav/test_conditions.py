"""The `If` header, and what a sync-token in it is good for."""

import pytest

from support.dav import Phone, assert_refused

TASK = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:tests\r\nBEGIN:VTODO\r\nUID:{0}\r\nDTSTAMP:20261126T120000Z\r\nSUMMARY:{0}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"


def put(phone: Phone, name: str, condition: str) -> int:
    sent = {"Content-Type": "text/calendar", "If": condition}
    return phone.dav("PUT", f"{phone.inbox}{name}.ics", TASK.format(name), **sent).status_code


def test_a_sync_token_lets_one_write_in(phone: Phone) -> None:
    token = phone.text(phone.inbox, "D:sync-token")
    assert put(phone, "milk", f"<{phone.inbox}> (<{token}>)") == 201
    # By now it has moved, for whoever else has seen nothing of that.
    assert put(phone, "bread", f"<{phone.inbox}> (<{token}>)") == 412
    assert put(phone, "bread", f"<{phone.inbox}> (Not <{token}>)") == 201
    token = phone.text(phone.inbox, "D:sync-token")
    assert phone.dav("PROPFIND", phone.inbox, Depth="0", If=f"(<{token}>)").status_code == 207
    assert_refused(phone.dav("PROPFIND", phone.inbox, Depth="0", If=f"(Not <{token}>)"), 412)


def test_an_entity_tag_in_a_list(phone: Phone) -> None:
    first = phone.dav("PUT", f"{phone.inbox}milk.ics", TASK.format("milk"), Content_Type="text/calendar").headers[
        "etag"
    ]
    assert put(phone, "milk", '(["0"])') == 412
    assert put(phone, "milk", f'(["0"]) ([{first}])') == 204
    # Within a list all must hold; and no lock was ever given out.
    assert put(phone, "milk", f"([{first}])") == 412
    assert put(phone, "milk", f"(Not [{first}] <opaquelocktoken:181d4fae-7d8c-11d0-a765-00a0c91e6bf2>)") == 412
    assert put(phone, "milk", f"(Not [{first}] Not <DAV:no-lock>)") == 204
    # Of another address, also one that is nobody's.
    assert put(phone, "bread", f"<{phone.inbox}milk.ics> (Not [{first}])") == 201
    assert put(phone, "bread", f"<{phone.inbox}milk.ics> ([{first}])") == 412
    assert put(phone, "bread", f"<http://elsewhere.example/a> ([{first}])") == 412


@pytest.mark.parametrize(
    "header", ["", "()", '"1"', '(["1"]', "(Not)", "<a>", '["1"]', '(["1"]) <a> (["1"])', "(<a b>)", "(<a>)" * 21]
)
def test_what_is_no_such_header(anns: Phone, header: str) -> None:
    assert_refused(anns.dav("PROPFIND", anns.inbox, Depth="0", If=header), 400)
