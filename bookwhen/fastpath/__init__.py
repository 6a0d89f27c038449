"""The fast path: what is done otherwise than Django does it, because it was measured to be much faster.

One module for each mechanism; what each gives and costs, and how to take it out again: docs/fast-path.md. What is read
or drawn stays in the apps. Nothing else in the house may do these things (tests/test_fastpath.py).
"""
