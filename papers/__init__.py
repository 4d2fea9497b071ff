"""Papers: official forms, letters and certificates as PDF."""
