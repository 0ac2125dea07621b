"""One file a model."""

from clvmodels.models.bgnbd import BGNBD
from clvmodels.models.gammagamma import GammaGamma

__all__ = ["BGNBD", "GammaGamma"]
