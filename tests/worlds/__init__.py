"""The worlds that tests take place in: one module each, which says who and what stands there, and when."""
