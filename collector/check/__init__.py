"""The check at the door: whether this is a request of its signal, and which of its items can be accepted.

Start with ``request``, which calls the others in this order:

- ``wire_count`` counts what a request holds before it is decoded, ``amplification`` what it would cost the store;
- ``spans``, ``logs`` and ``metrics`` look at each item, by the ``rules`` of the settings;
- ``wrong_signal`` finds out whether a refused request was sent to the wrong address.

``otlp_json`` turns OTLP in JSON into protobuf before all of this.
"""
