"""Records become events: ``facts`` reads one record, ``lifecycle`` joins start and end, ``interpret`` does a case.

``objects`` does the same for OCEL, where an event relates to many objects. ``event`` is what comes out.
"""
