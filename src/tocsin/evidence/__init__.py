"""Preserved records, sealed in a signed chain."""
