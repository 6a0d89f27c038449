"""How cost grows with data, by what PostgreSQL reads: a big studio beside small ones, in one database."""
