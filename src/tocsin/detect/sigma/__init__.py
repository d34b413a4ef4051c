"""Event rules in the Sigma format, matched: pure, and cheap where nothing matches."""
