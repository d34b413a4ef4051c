"""The long-running forms of the live driver."""
