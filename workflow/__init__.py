"""The steps people take. One function is one step and one transaction: lock, judge, write, tell."""
