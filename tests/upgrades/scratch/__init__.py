"""A small app whose migrations meet a table that is in use."""
