"""The probe: sends known cases to a running Flowtrail and checks that they come back whole.

It uses what any other client has: the SDK to send, the query API to read. Read ``known_case`` first (what is sent),
then ``checks`` (what must come back), ``round`` (sends, then checks until the time is over) and ``tally`` (the counts).
"""
