"""Inputs whose records are no lines: taken apart, each record given out as a line of text."""
