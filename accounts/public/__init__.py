"""The pages for everybody: the front page, logging in, one's own details, opening a studio."""
