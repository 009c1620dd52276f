"""Files become records: ``file_format`` tells the format, ``log`` opens the reader, ``record`` is what it yields.

``spool`` puts a log that mixes its cases in order of case, in bounded memory; ``report`` lists what could not be read.
"""
