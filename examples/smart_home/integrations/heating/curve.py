"""How warm it should be."""

BUILD = 0


def target(motions: float) -> float:
    return 17 + min(motions, 40) / 10
