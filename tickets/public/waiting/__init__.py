"""Waiting for space at a full event, as visitors see it."""
