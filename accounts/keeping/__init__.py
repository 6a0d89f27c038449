"""For how long an account keeps what it has of people: what it chooses, what would go, and the job that forgets it.

An account can only keep less than the installation does. docs/decisions/0079.
"""
