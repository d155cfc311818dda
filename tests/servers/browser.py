"""A real Chromium, driven by Playwright, and the accessibility rules of axe-core."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.needs import needs

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=20_000)  # milliseconds; a machine may be busy
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window.

    Its build for that is taken where it is installed: the same pages for a third of the processor's time, since it starts
    nothing that draws for a screen.
    """
    program = shutil.which("chromium-headless-shell") or needs("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def axe_violations(page: Page, script: str) -> list[str]:
    """What axe-core finds on a page, one line per rule and element; make the page in a context with `bypass_csp=True`.

    The rules about colours are held in the dark as well; nothing else on a page depends on that.
    """
    page.evaluate(script)
    found = _found(page, RULES)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += [f"dark: {one}" for one in _found(page, COLOURS)]
    page.emulate_media(color_scheme="null", reduced_motion="null")
    return found


def _found(page: Page, rules: dict[str, Any]) -> list[str]:
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run({runOnly: rules, resultTypes: ['violations'], preload: false})", rules
    )
    return [f"{v['id']}: {node['html']} ({v['help']})" for v in found["violations"] for node in v["nodes"]]


_STOP = """() => { const el = document.activeElement; if (el === document.body) return null;
  const box = el.getBoundingClientRect(), style = getComputedStyle(el);
  const row = el.closest('li'), shown = style.outlineStyle !== 'none'
    || (row && getComputedStyle(row).outlineStyle !== 'none')
    || (el.closest('label') && getComputedStyle(el.closest('label')).outlineStyle !== 'none');
  return [el.outerHTML.slice(0, 120), shown, box.top >= -1 && box.top < innerHeight]; }"""


def lost_stops(page: Page, most: int = 120) -> list[str]:
    """Press Tab through a whole page: the stops where nobody sees the focus, and whether it ever leaves the page again."""
    lost: list[str] = []
    stop: Any = None
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None:
            return lost
        if not stop[1]:
            lost.append(f"no visible focus on {stop[0]}")
        if not stop[2]:
            lost.append(f"focus out of sight on {stop[0]}")
    return [*lost, f"tab never leaves the page; last at {stop[0]}"]
