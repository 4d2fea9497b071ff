"""Reads by key: a file a noun turns its rows into types; `loaders` reads them in batches for one viewer."""
