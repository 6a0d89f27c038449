"""Users, accounts, schedule pages, staff and customers; who may reach what; logging in."""
