from decimal import Decimal

import pytest

from cases.money import Money, optional


@pytest.mark.parametrize(
    ("amount", "text"),
    [("12.500000", "12.50"), ("0", "0.00"), ("100", "100.00"), ("0.000001", "0.000001"), ("-3.125", "-3.125"),
     ("999999999999.999999", "999999999999.999999"), ("1E+3", "1000.00")],
)  # fmt: skip
def test_an_amount_keeps_its_places_and_loses_idle_zeros(amount, text):
    assert Money.of(Decimal(amount), "EUR") == Money(text, "EUR")


def test_millionths_are_exact():
    assert Money.of_micros(333_334, "EUR").amount == "0.333334"


def test_no_amount_is_no_money():
    assert optional(None, "EUR") is None
