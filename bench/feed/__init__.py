"""What the live feed costs."""
