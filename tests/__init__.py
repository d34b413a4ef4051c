"""Tests mirror src; ``laws`` holds the laws of the design."""
