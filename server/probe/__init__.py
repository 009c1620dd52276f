"""The read-back verifier: sends known cases to a running Flowtrail and looks whether they come back whole.

It uses what any other client has: the SDK to send, the query API to read.
"""
