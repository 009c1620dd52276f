"""What really happened in the demo, told by the systems themselves, to check Flowtrail's figures against.

``log`` is written by the systems where they act, ``truth`` merges it into one account per order, ``facts`` and ``kpis``
compute what follows from the accounts. Nothing here reads telemetry.
"""
