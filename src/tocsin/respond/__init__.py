"""Containment: plans and reversible actions."""
