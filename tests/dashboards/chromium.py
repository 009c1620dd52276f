"""Chromium with its own profile on disk, so that it caches and compiles scripts like the browser of a reader."""

from contextlib import contextmanager

import pytest
from playwright.sync_api import Error, sync_playwright

from tests.conftest import ARGUMENTS, CHROMIUM


@contextmanager
def chromium(profile, **settings):
    """A browser window. Skips the test if no browser is installed or it does not start."""
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
