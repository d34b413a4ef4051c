"""Pages for people: the report."""
