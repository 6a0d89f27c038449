"""What tests/test_mutants.py tries a round on: a rule that nobody will change."""


def is_small(number: int) -> bool:
    """Whether a number is below three."""
    return number < 3
