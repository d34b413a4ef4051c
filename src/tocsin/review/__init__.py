"""Verdicts and what is learned from them."""
