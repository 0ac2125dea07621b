"""One file a method: each sees an `Objective` and nothing else, and gives a `Solution`."""

from clvmodels.inference.laplace import Laplace
from clvmodels.inference.point import MAP, MLE
from clvmodels.inference.solution import Solution

__all__ = ["MAP", "MLE", "Laplace", "Solution"]
