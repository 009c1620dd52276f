"""Reads event logs: from a file to its records.

Read ``file_format`` (which format a file has), ``record_stream`` (opens a file with its reader), ``readers`` (one per
format) and ``spool``, which groups records by case in a temporary file.
"""
