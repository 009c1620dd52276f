"""The HTML that a browser loads first. It contains no data; its scripts draw the pages."""

from pathlib import Path

import plotly
from dash.fingerprint import build_fingerprint

_BUNDLE = "package_data/plotly.min.js"

_INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <meta name="plotly" content="PLOTLY">
        <title>{%title%}</title>
        <link rel="icon" type="image/svg+xml" href="/assets/logo.svg">
        {%css%}
    </head>
    <body>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>"""


def index_page() -> str:
    """Dash's HTML template, with the address from which ``assets/chart.js`` loads plotly."""
    changed = int((Path(plotly.__file__).parent / _BUNDLE).stat().st_mtime)
    # The address contains the modification time, so browsers may cache the script.
    address = f"/_dash-component-suites/plotly/{build_fingerprint(_BUNDLE, plotly.__version__, changed)}"
    return _INDEX.replace("PLOTLY", address)
