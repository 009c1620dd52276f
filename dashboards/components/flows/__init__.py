"""Parts of the flow pages: ``flow_card`` (a flow in short), ``steps`` (declared steps), ``findings`` (and hubs)."""
