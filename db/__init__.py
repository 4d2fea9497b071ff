"""The store, and the only package that speaks SQL. Its functions take a `Tx` or `Reader`."""
