"""Do the tests notice a changed rule? `python -m tests.mutants offers/eligibility.py` changes it and asks them."""
