"""The feed: events numbered by scope, cursors, wake-ups, and the one reader of a process."""
