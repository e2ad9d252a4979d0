"""A real Chromium on a real installation; `make e2e` installs what this needs."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.e2e.running import Installation, installation

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = next((path for path in map(shutil.which, _NAMES) if path), None)
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium cannot make a sandbox.
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def running() -> Iterator[Installation]:
    """A demonstration that takes its time."""
    with installation(hubs=1_500, seed=21, pace=1.5) as running:
        running.start()
        running.wait(lambda: "Sam of" in running.says(), what="the links")
        yield running


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a window of its own, which keeps what the browser complains about."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def window(**options: object) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complain(said, page))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    def complain(said: ConsoleMessage, page: Page) -> None:
        # A page that is refused is what a test asked for; something missing on a page is not.
        if said.type == "error" and said.location["url"] != page.url:
            complaints.append(said.text)

    yield window
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def sign_in(running: Installation, open_browser: Callable[..., Page]) -> Callable[..., Page]:
    """Sign somebody in by the link the demonstration printed, as a person does."""

    def by_link(name: str, **options: object) -> Page:
        (link,) = [line.split()[-1] for line in running.says().splitlines() if line.strip().startswith(name)]
        page = open_browser(**options)
        page.goto(link)
        page.get_by_role("button", name="Sign in to Safelaunch").click()
        page.get_by_role("heading", name="Home").wait_for()
        return page

    return by_link
