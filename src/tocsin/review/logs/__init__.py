"""Truth about logs: what their lines, sources, requests and events are, and how ours compare.

The unit, the denominator and what counts as met stand in each module's docstring; nothing
depends on how a truth file is called.
"""
