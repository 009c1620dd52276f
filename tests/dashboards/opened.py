"""Opens sections of the business page, which load when they scroll into view."""

from playwright.sync_api import TimeoutError as TooSlow
from playwright.sync_api import expect

TRIES, EACH_MS = 20, 3_000


def open_section(page, name):
    """Scrolls to a section of the business page until it is filled; returns its element.

    Sections above it grow while they are filled, and may push it away again; a busy machine may answer late.
    """
    place = page.locator(f"#{name}")
    for _ in range(TRIES):
        try:
            place.evaluate("section => section.scrollIntoView()", timeout=EACH_MS)
            expect(place.locator(".loading")).to_have_count(0, timeout=EACH_MS)
        except (AssertionError, TooSlow):
            continue
        break
    expect(place.locator(".loading")).to_have_count(0)
    return place
