"""One reader per format: a file in, groups of records out, in bounded memory."""
