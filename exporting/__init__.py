"""Cases out: the events of a selection as files that other tools read."""
