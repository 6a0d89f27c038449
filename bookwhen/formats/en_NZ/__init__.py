"""English as in New Zealand."""
