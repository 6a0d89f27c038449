"""*Import a list*: customers from a file, looked through before anything is saved."""
