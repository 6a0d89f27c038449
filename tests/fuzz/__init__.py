"""Odd values for every field and parameter of every page: no answer is ever an error page."""
