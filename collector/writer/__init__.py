"""The writer: takes batches from the durable log and inserts them into the store, each exactly once.

Read ``writer`` first. ``progress`` writes down which batch is under way, ``retry`` repeats what fails, and ``bisect``
splits a batch that the store refuses until only the items that it refuses are left.
"""
