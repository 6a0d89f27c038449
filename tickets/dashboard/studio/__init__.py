"""The dashboard's pages for money at the studio."""
