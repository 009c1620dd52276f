-- Exceptions, approvals and due times of a window lie in cases whose last event is no earlier than it begins: most of the table is
-- skipped by that.
ALTER TABLE cases ADD INDEX IF NOT EXISTS last_events LastEvent TYPE minmax GRANULARITY 1;

ALTER TABLE cases MATERIALIZE INDEX IF EXISTS last_events;
