"""The pages of Flowtrail as a Dash app: search, trails, business figures, flows. All data comes from the query API.

Reading order:

1. ``app``: the app factory and the list of pages.
2. ``api``: the HTTP client of the query API; the only place that reads data.
3. ``pages``: one module per page. ``layout()`` turns an address into components; callbacks turn clicks into addresses.
4. ``components``: the parts of pages. ``components.trail`` and ``components.business`` belong to one page each.
5. ``figures``: answers of the query API as plotly figures. Knows no Dash.
6. ``wording``: numbers, times, changes and declarations as text. Knows neither Dash nor plotly.
7. ``serving``: what stands between a browser and the app: the ASGI bridge, caching, downloads.

``urls`` builds every address, ``zones`` finds the reader's time zone, ``typed_dash`` gives Dash's ``callback`` a type.
``assets`` holds styles and scripts; the browser loads the styles in the order of their numbers.
"""
