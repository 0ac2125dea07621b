"""One file a method: each sees an `Objective` and nothing else, and gives a `Solution`."""

from clvmodels.inference.bootstrap import Bootstrap
from clvmodels.inference.laplace import Laplace
from clvmodels.inference.nuts import NUTS
from clvmodels.inference.point import MAP, MLE
from clvmodels.inference.prior import PriorOnly
from clvmodels.inference.solution import Solution

__all__ = ["MAP", "MLE", "NUTS", "Bootstrap", "Laplace", "PriorOnly", "Solution"]
