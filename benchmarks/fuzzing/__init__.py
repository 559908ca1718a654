"""Sound files of every kind that vidstyle opens, ways to break them, and a judge of what comes of it."""
