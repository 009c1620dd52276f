from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.kpis.kaplan_meier import Crossing


def survival(cases, open_ranks, rank):
    """S after ``rank``, factor by factor: the textbook's product."""
    product = Fraction(1)
    for i in range(1, rank + 1):
        if i not in open_ranks:
            product *= Fraction(cases - i, cases - i + 1)
    return product


@settings(max_examples=200, deadline=None)
@given(st.integers(2, 30), st.data())
def test_the_decision_between_two_candidates_is_that_of_exact_fractions(cases, data):
    ranks = st.integers(1, cases)
    open_ranks = data.draw(st.sets(ranks, max_size=cases - 1))
    first = data.draw(ranks.filter(lambda rank: rank not in open_ranks))
    share = data.draw(st.sampled_from([survival(cases, open_ranks, first), Fraction(1, 2), Fraction(1, 10)]))
    found = Crossing(cases, first, 0, sorted(open_ranks)).rank(share)
    assert found == (first if survival(cases, open_ranks, first) <= share else 0)


def test_where_both_candidates_agree_nothing_is_left_to_decide():
    assert Crossing(10, 5, 5, []).rank(Fraction(1, 2)) == 5
    assert Crossing(10, 0, 0, []).rank(Fraction(1, 2)) == 0
