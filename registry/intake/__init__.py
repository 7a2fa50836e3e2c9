"""What a submission's bytes alone can tell, before the writer sees it."""
