"""Times the clocks of all tickets against SQL in DuckDB and a Python loop over tickets."""
