"""What is said of many figures at once."""

import math
import statistics


def geomean(values):
    return math.exp(statistics.mean(map(math.log, values)))


def ranks(values):
    """1 for the least; equal values share the mean of their ranks."""
    order = sorted(values)
    return [order.index(v) + (order.count(v) + 1) / 2 for v in values]


def spearman(a, b):
    """The rank correlation; None where one side is all the same."""
    if len(set(a)) < 2 or len(set(b)) < 2:
        return None
    return statistics.correlation(ranks(a), ranks(b))
