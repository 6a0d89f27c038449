"""A customer's page: who they are, what they have, what they booked and paid, and what is done from there."""
