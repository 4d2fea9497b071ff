"""What is read by key: a file a noun says how its rows become types; `loaders` reads them in batches for one viewer."""
