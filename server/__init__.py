"""Composition: settings, the ``flowtrail`` command, and which parts run in which process.

Read ``runtime`` first (the parts and the order in which they start), then ``serve`` (what each serving command runs),
``settings`` and ``authentication``. ``running`` says which server holds a data directory, ``client`` asks it. The
commands are in ``commands``, the fold beside the collector in ``fold``, long work in ``jobs``, the probe in ``probe``.
"""
