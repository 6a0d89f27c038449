"""The customer's side of memberships: what is on sale, buying it, and one's own."""
