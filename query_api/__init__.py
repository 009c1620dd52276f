"""The query API: a FastAPI app that answers questions about cases as JSON. It only reads.

Reading order:

1. ``app``: the app factory; which routers and middleware there are.
2. ``access``: the key of a request decides whose data it may read.
3. ``window``: the query parameters that select a period of time, shared by KPIs, measures and lists of cases.
4. ``routes``: the endpoints, one noun per module. They parse parameters and leave the answer to ``cases``.
5. ``schemas``: the response models, one noun per module. The OpenAPI document is made from them.
6. ``problems``: how errors become HTTP statuses and problem details.
7. ``paths``, ``headers``, ``hosts``: ASGI middleware. ``clock``: the time, as a parameter.
"""
