"""The engine and the two drivers that feed it."""
