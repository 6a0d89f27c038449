"""For which spaces an amount at the studio is: every amount is shared out to the penny."""

from hypothesis import given
from hypothesis import strategies as st

from tickets.money.studio_spread import Owing, Share, spread_given_back, spread_taken

SPACES = st.lists(
    st.builds(Owing, st.integers(1, 10**6), st.integers(-5000, 5000), st.integers(0, 5000)),
    min_size=1,
    max_size=6,
    unique_by=lambda each: each.seat,
)


def test_each_space_has_what_is_owed_for_it_and_the_last_what_is_more() -> None:
    spaces = [Owing(1, 1200), Owing(2, 0, 500), Owing(3, 800)]
    assert spread_taken(2000, spaces) == [Share(1, 1200), Share(3, 800)]
    assert spread_taken(1500, spaces) == [Share(1, 1200), Share(3, 300)]
    assert spread_taken(2500, spaces) == [Share(1, 1200), Share(3, 1300)]


def test_a_credit_is_taken_off_what_is_owed_for_other_spaces() -> None:
    spaces = [Owing(1, 1200), Owing(2, -300), Owing(3, 800)]
    assert spread_taken(1700, spaces) == [Share(1, 1200), Share(2, -300), Share(3, 800)]
    assert spread_taken(500, spaces) == [Share(1, 800), Share(2, -300)]
    # More than is owed beside it is not their credit twice: less of it is used.
    assert spread_taken(1900, spaces) == [Share(1, 1200), Share(2, -100), Share(3, 800)]
    assert spread_taken(2100, spaces) == [Share(1, 1200), Share(3, 900)]
    assert spread_taken(100, [Owing(1, -300), Owing(2, -200)]) == [Share(2, 100)]
    assert spread_taken(100, [Owing(1, -300), Owing(2, 250)]) == [Share(1, -150), Share(2, 250)]


def test_credits_go_first_and_what_is_given_back_beside_them_is_not_owed_again() -> None:
    spaces = [Owing(1, 0, 1200), Owing(2, -300, 300), Owing(3, -500, 1000)]
    assert spread_given_back(800, spaces) == [Share(2, -300), Share(3, -500)]
    assert spread_given_back(1000, spaces) == [Share(1, -200, 200), Share(2, -300), Share(3, -500)]
    assert spread_given_back(2500, spaces) == [Share(1, -1200, 1200), Share(2, -300), Share(3, -1000, 500)]


def test_credit_that_stays_pays_what_is_owed_for_other_spaces() -> None:
    spaces = [Owing(1, 500), Owing(2, -1200, 1200)]
    assert spread_given_back(700, spaces) == [Share(1, 500), Share(2, -1200)]
    assert spread_given_back(300, spaces) == [Share(1, 500), Share(2, -800)]
    assert spread_given_back(1000, spaces) == [Share(1, 200), Share(2, -1200)]
    assert spread_given_back(1200, spaces) == [Share(2, -1200)]


@given(SPACES, st.integers(1, 20000))
def test_what_is_taken_is_shared_out(spaces: list[Owing], amount: int) -> None:
    shares = spread_taken(amount, spaces)
    assert sum(each.amount for each in shares) == amount
    taken = {each.seat: each.amount for each in shares if not each.forgiven}
    left = [each.owed - taken.get(each.seat, 0) for each in spaces]
    # Credits are used before anything stays owed, and none is used up beyond itself.
    assert len(taken) == len(shares)
    assert max(left) <= 0 or min(left) >= 0
    assert all(after <= max(each.owed, 0) for each, after in zip(spaces, left, strict=True))


@given(SPACES, st.data())
def test_what_is_given_back_is_shared_out(spaces: list[Owing], data: st.DataObject) -> None:
    most = sum(each.returnable for each in spaces)
    if not most:
        return
    amount, by_seat = data.draw(st.integers(1, most)), {each.seat: each for each in spaces}
    shares = spread_given_back(amount, spaces)
    assert sum(each.amount for each in shares) == -amount
    for each in shares:
        space = by_seat[each.seat]
        # What is owed for a space is paid with credit for others.
        assert -each.amount <= space.returnable if each.amount < 0 else each.amount <= space.owed
        # A credit is used up, and nobody owes more for having had money back.
        assert space.owed - each.amount - each.forgiven <= max(space.owed, 0)
        assert not each.forgiven or 0 < each.forgiven <= -each.amount
