"""Fixtures that start real servers: Postfix with Dovecot, and Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.needs import needs
from tests.servers.browser import running_browser
from tests.servers.mail import MailServers, running_mail_servers
from tests.servers.wordpress import WordPress, running_wordpress


@pytest.fixture(scope="session")
def mail_servers() -> Iterator[MailServers]:
    """Postfix and Dovecot for the whole run; make mailboxes of your own with `mail_servers.mailbox()`."""
    with running_mail_servers() as servers:
        yield servers


@pytest.fixture
def own_mail_servers() -> Iterator[MailServers]:
    """Postfix and Dovecot for one test, which may stop, kill and break them."""
    with running_mail_servers() as servers:
        yield servers


@pytest.fixture(scope="session")
def wordpress_server() -> Iterator[WordPress]:
    """One WordPress for the whole run; ask for `wordpress`, which is this one without comments and without our plugin."""
    with running_wordpress() as site:
        yield site


@pytest.fixture
def wordpress(wordpress_server: WordPress) -> WordPress:
    """The site as it was when it was installed: no comment stands on it."""
    wordpress_server.clear()
    return wordpress_server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with running_browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser context of its own (no cookies), in Dutch, 1280 pixels wide."""
    context = browser.new_context(locale="nl-NL", viewport={"width": 1280, "height": 900}, bypass_csp=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core, for `axe_violations`."""
    return needs("axe-core").read_text()
