"""The empty page that a browser gets first; the scripts in it draw everything else."""

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
    """Dash's page, with the address under which ``assets/chart.js`` finds plotly's own script."""
    changed = int((Path(plotly.__file__).parent / _BUNDLE).stat().st_mtime)
    # The address changes with the script, so browsers may keep it.
    address = f"/_dash-component-suites/plotly/{build_fingerprint(_BUNDLE, plotly.__version__, changed)}"
    return _INDEX.replace("PLOTLY", address)
