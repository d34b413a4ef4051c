"""Types, units and vocabulary that every stage shares; imports nothing of Tocsin."""
