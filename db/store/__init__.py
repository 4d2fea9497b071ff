"""The store: tables and their migrations, keys, transactions, statements and pools."""
