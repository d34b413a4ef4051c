"""How attacks on web applications look in a request: pure functions, no state, no detector."""
