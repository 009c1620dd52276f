"""Who may do what: keys, their tenants and scopes, in a transactional database. Knows no ClickHouse and no web."""
