"""Checking evidence files as a program: one, or thousands at once, and the reports about them."""
