"""Formats as data: templates, and records as events."""
