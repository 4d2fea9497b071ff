"""Kills at random instants under load, and the proof that nothing was lost, doubled or reordered."""
