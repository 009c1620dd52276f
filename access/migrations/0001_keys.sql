-- Runs on SQLite and on PostgreSQL: plain types, times as Unix nanoseconds, bytes as hexadecimal text.

-- A key is never deleted: that one existed closes the door for senders without one, also after it is revoked.
CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    tenant TEXT NOT NULL,
    digest TEXT NOT NULL, -- SHA-256 of the secret, in hexadecimal
    created_ns BIGINT NOT NULL,
    expires_ns BIGINT,
    revoked_ns BIGINT,
    last_used_ns BIGINT,
    requests_per_s DOUBLE PRECISION, -- NULL: the server's default; 0: no quota
    bytes_per_s DOUBLE PRECISION
);

CREATE TABLE key_scopes (
    key_id TEXT NOT NULL REFERENCES keys (id),
    scope TEXT NOT NULL,
    PRIMARY KEY (key_id, scope)
);

-- The key under which the identifiers of a tenant are tokenised, in hexadecimal. Without it tokens cannot be made again.
CREATE TABLE tenants (
    name TEXT NOT NULL PRIMARY KEY,
    token_key TEXT NOT NULL,
    created_ns BIGINT NOT NULL
);

-- Goes up with each change, so that a running server reads the keys again only when there is something new.
CREATE TABLE revisions (
    subject TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL
);

INSERT INTO revisions (subject, revision) VALUES ('keys', 1);
