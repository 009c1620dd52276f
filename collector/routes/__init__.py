"""What the HTTP port serves, one module per noun; each hands out a table of routes (see ``collector.http.route``)."""
