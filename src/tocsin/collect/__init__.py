"""From files, folders, pipes and growing logs to blocks of bytes."""
