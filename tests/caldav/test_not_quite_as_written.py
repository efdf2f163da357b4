"""What programs send that is not quite as the RFCs have it, and what they mean by it."""

from support.dav import Phone, request, responses


def test_a_search_for_nobody_in_particular(anns: Phone) -> None:
    # So does python-caldav: with nothing in prop, and what it wants behind it.
    wanted = "<D:prop/><C:calendar-home-set/><D:displayname/>"
    answer = anns.dav("REPORT", "/dav/", request("D:principal-property-search", wanted))
    (found,) = responses(answer).values()
    assert found.hrefs("{urn:ietf:params:xml:ns:caldav}calendar-home-set") == [anns.home]
    assert found.text("{DAV:}displayname")


def test_the_name_of_a_color(phone: Phone) -> None:
    made = phone.user.post("/api/me/lists", json={"name": "Garden", "color": "#00ff00"}).json()
    path = f"{phone.home}{made['id']}/"
    for color in ("blue", "#FF0000FF"):
        body = request(
            "D:propertyupdate", f"<D:set><D:prop><A:calendar-color>{color}</A:calendar-color></D:prop></D:set>"
        )
        (found,) = responses(phone.dav("PROPPATCH", path, body)).values()
        assert set(found.statuses.values()) == {200}
        assert phone.text(path, "A:calendar-color") == color
    # The API knows none of names.
    assert phone.user.get(f"/api/me/lists/{made['id']}").json()["color"] == "#ff0000"
