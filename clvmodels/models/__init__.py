"""One file a model; a model knows the contract and no other model."""

from clvmodels.models.bdw import BDW
from clvmodels.models.bgbb import BGBB
from clvmodels.models.bgnbd import BGNBD
from clvmodels.models.cnbd import BGCNBD, MBGCNBD
from clvmodels.models.gammagamma import GammaGamma
from clvmodels.models.ggnbd import GGNBD
from clvmodels.models.mbgnbd import MBGNBD
from clvmodels.models.nbd import NBD
from clvmodels.models.pareto import ParetoNBD
from clvmodels.models.sbg import SBG

__all__ = ["BDW", "BGBB", "BGCNBD", "BGNBD", "GGNBD", "MBGCNBD", "MBGNBD", "NBD", "SBG", "GammaGamma", "ParetoNBD"]

FAMILY = (BGNBD(), MBGNBD(), ParetoNBD(), BGCNBD(2), MBGCNBD(2), BGCNBD(3), MBGCNBD(3), NBD())
"""Models of purchases in continuous time that are fitted in seconds: what is chosen from where nothing else is said."""
