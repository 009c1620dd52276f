"""History in: event logs of other tools become events, sent to a collector as any sender sends them."""
