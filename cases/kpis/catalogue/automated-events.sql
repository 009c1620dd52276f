-- Who did the events of the cases that started in the window. An event that n cases share is present in each of them.
-- @from
started
-- @columns
UnknownEvents > 0 AS unnamed,
ServiceEvents AS service_events,
HumanEvents AS human_events,
UnknownEvents AS unknown_events,
Events - ServiceEvents - HumanEvents - UnknownEvents AS other_events,
Events AS events
