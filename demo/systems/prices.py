"""What the paid calls cost: per attempt, whether it succeeds or not, in the currency of the order."""

from decimal import Decimal

PRICES = {
    "screen-order": {"EUR": "0.05", "CHF": "0.06"},
    "check-credit": {"EUR": "0.08", "CHF": "0.09"},
    "reserve-stock": {"EUR": "0.02", "CHF": "0.02"},
    "book-carrier": {"EUR": "0.35", "CHF": "0.40"},
    "deliver-parcel": {"EUR": "1.90", "CHF": "2.40"},
    "collect-payment": {"EUR": "0.25", "CHF": "0.30"},
}


def price(step: str, currency: str) -> tuple[Decimal, str]:
    """Amount and currency of one attempt of a paid step."""
    return Decimal(PRICES[step][currency]), currency
