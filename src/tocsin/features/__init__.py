"""Lanes: from blocks to trips, windows and flows."""
