"""A schedule page, its calendar feed, and what search engines are told of it."""
