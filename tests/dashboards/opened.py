"""Sections of the business page are filled when they come near the screen."""

from playwright.sync_api import TimeoutError as TooSlow
from playwright.sync_api import expect

TRIES, EACH_MS = 20, 3_000


def open_section(page, name):
    """Brings a section of the business page onto the screen until it is filled; hands out its place.

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
