from tests.mutants.sample import is_small


def test_numbers_below_three_are_small() -> None:
    assert [is_small(number) for number in (1, 2, 3, 4)] == [True, True, False, False]
