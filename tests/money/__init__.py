"""Tests of the money rules' parts, and what their stories share."""
