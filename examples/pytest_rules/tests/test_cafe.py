import time


def test_tea() -> None:
    assert "tea" in {"tea", "soup"}


def test_an_order_is_ready_when_paid() -> None:
    time.sleep(0.001)


def test_the_soup_is_hot() -> None:
    assert 80 > 60
