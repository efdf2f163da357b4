"""What every story relies on: that nothing wrong on a device stays unseen."""

from contextlib import suppress

from playwright.sync_api import Error, expect

from support.web import NewDevice, barriers


def test_a_device_sees_what_is_wrong(new_device: NewDevice) -> None:
    device = new_device()
    device.page.goto("/login")
    device.page.evaluate("console.error('said in the console')")
    device.page.evaluate("void setTimeout(() => { throw new Error('caught by nobody') })")
    device.page.evaluate("document.body.setAttribute('style', 'color: red')")
    # The policy of the client lets it ask no other host, but leaving it is not asking.
    with suppress(Error):
        device.page.goto("http://127.0.0.1:9/")
    found = "\n".join(device.wrong)
    for each in ("said in the console", "caught by nobody", "Content Security Policy", "http://127.0.0.1:9/"):
        assert each in found
    device.expects("")  # all of it


def test_barriers_are_found_in_each_look(new_device: NewDevice) -> None:
    page = new_device().page
    page.goto("/login")
    expect(page.get_by_role("heading")).to_be_visible()
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    found = barriers(page)
    assert any(each.startswith("light: ") and "button-name" in each for each in found)
    assert any(each.startswith("phone: ") and "button-name" in each for each in found)
    page.evaluate("document.querySelector('h1').style.color = 'light-dark(#ddd, #333)'")
    assert {each.split(":")[0] for each in barriers(page) if "color-contrast" in each} >= {"light", "dark", "phone"}
