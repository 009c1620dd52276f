"""The shapes of every answer, one noun per module, each with an example that is real output."""
