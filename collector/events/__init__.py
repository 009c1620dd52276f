"""Small JSON events for tools that cannot speak OTLP: read, checked one by one, turned into spans."""
