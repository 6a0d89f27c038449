"""Erasing a customer: the person goes out of everything that an account keeps, and the books stay as they were.

What stays is moved to a row that is nobody, and the person's own row is deleted. So the database itself refuses
whatever is written about them by somebody who had read it before: there is no such customer any more
(docs/decisions/0074). Each app does its part (`accounts.erasing.parts`).
"""
