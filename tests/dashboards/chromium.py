"""Chromium with a profile of its own on disk, as a reader has it: what it was sent once it keeps, compiled as well."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.conftest import ARGUMENTS, CHROMIUM


@contextmanager
def chromium(profile, **settings):
    """A window; skips where no browser is installed or none starts."""
    if CHROMIUM is None:
        pytest.skip("NO BROWSER: the pages were not looked at. Install Chromium with: make browser")
    with sync_playwright() as playwright:
        start = playwright.chromium.launch_persistent_context
        try:
            context = start(profile, executable_path=CHROMIUM, args=ARGUMENTS, **settings)
        except Error as error:
            pytest.skip(f"NO BROWSER: the pages were not looked at. Chromium does not start: {error}")
        yield context
        context.close()
