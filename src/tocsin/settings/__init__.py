"""Settings and rule files, read and checked."""
