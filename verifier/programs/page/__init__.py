"""The verifier as a page: one file for people who have a browser and no Python."""
