"""The state folder: database, lock, models."""
