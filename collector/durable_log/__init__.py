"""The durable log: the files in which an acknowledged request survives ``kill -9`` and a power cut.

Read ``log`` first: it appends, reads and deletes segments. Below it are ``record`` (the bytes of one request),
``segment`` (one file) and ``recovery`` (what a start does with the files of a crash). Above it are ``committer``, which
appends for many senders at once, ``capacity``, which says when the log is full, and ``duplicates`` with its
``digest_journal``, which recognise a request that is sent again. ``directory_lock`` keeps a second collector out.
"""
