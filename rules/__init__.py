"""The regulation as plain Python: it decides. Standard library only; no clock, no I/O, no GraphQL, no SQL."""
