"""How cost grows with data: a big studio beside small ones, built by SQL, and every page and job measured in both."""
