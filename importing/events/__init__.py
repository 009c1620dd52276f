"""Turns the records of a case into its events.

Read ``event`` (the result), then in the order of the work: ``mapped_record`` (what one record says), ``objects`` (the
objects of an OCEL event), ``lifecycle`` (a start and its end become one step) and ``interpreter``, which runs them.
"""
