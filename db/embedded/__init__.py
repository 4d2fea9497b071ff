"""The PostgreSQL that comes along; servers on a database of their own never import it."""
