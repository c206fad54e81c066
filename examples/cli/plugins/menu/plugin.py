"""What there is, and what it costs."""

PRICES = {"tea": 2.5, "soup": 4.0}


def menu() -> str:
    """Show what there is."""
    return "\n".join(f"{item:6}{price:5.2f}" for item, price in PRICES.items())


def price(item: str) -> float:
    """Say what one costs."""
    return PRICES[item]
