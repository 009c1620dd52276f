"""Query API rows to plotly figures. Pure functions: no Dash, no I/O, no clock."""
