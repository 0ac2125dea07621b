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
