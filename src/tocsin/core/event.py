"""An event: what one log record says, under flat ECS names (CONTRACT, "Event")."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
