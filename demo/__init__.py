"""A real order-to-cash run by five separate systems (shop, erp, wms, carrier, billing), instrumented with the SDK.

The same service classes run as five processes talking HTTP and through a file queue (``demo.run``), and in one process
under a simulated clock that makes weeks of history in seconds (``demo.history``). Beside the telemetry every service
writes down what it did (``demo.truth.log``), so that Flowtrail's figures can be checked against an independent account.
"""
