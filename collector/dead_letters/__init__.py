"""Dead letters: what cannot be stored, kept with the reason until somebody replays or deletes it.

Read ``store`` first: the files. ``describe`` makes the letter for each kind of failure, ``view`` shows one as JSON,
``replay`` puts its request into the durable log again.
"""
