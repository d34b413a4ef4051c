"""Laws and fixtures that plugin authors import in their own tests."""
