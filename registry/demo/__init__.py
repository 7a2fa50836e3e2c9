"""The main job, end to end: a story told with the public commands, and evidence of it that anyone can check."""
