"""The commands of ``flowtrail``, one noun per module; ``server/cli.py`` puts them together."""
