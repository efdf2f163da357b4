"""Every view, in every look: nobody finds a barrier there."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser

from support.demo import Demo
from support.server import Server
from support.views import OF_NOBODY, OF_THE_ACCOUNT, View
from support.web import Device, NewDevice, barriers


@pytest.fixture(scope="module")
def demo(web_server: Server) -> Iterator[Demo]:
    """An account in which every view shows something."""
    with closing(Demo.make(web_server)) as made:
        made.wait_for_reminders()
        yield made


@pytest.fixture(scope="module")
def shown(browser: Browser, web_server: Server, demo: Demo) -> Iterator[Device]:
    """One device for all views. Logging in anew for each would take longer than they do."""
    with closing(Device(browser, web_server)) as device:
        device.log_in(demo.email, demo.password)
        yield device


@pytest.mark.parametrize("view", OF_THE_ACCOUNT, ids=lambda view: view.name)
def test_a_view_has_no_barriers(shown: Device, demo: Demo, view: View) -> None:
    view.open(shown.page, demo.ids)
    assert not barriers(shown.page)
    assert not shown.wrong


@pytest.mark.parametrize("view", OF_NOBODY, ids=lambda view: view.name)
def test_a_page_for_everybody_has_no_barriers(new_device: NewDevice, view: View) -> None:
    page = new_device().page
    view.open(page, {})
    assert not barriers(page)
