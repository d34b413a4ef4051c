"""From findings to incidents: folded, categorised, prioritised."""
