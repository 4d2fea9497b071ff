"""The cost of the live feed."""
