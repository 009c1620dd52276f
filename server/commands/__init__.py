"""The commands of ``flowtrail``. Each is a module here, or a package where it needs more than one.

Read ``common`` first (options, settings and errors, the same for all), then ``serving`` (the commands that run until
they are stopped) and any other. In a package, ``command`` holds the options and prints, and the other modules do the
work; they are imported only when the command runs, so that ``--help`` is there at once. ``server/cli.py`` puts the
commands together.
"""
