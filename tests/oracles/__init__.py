"""What the papers say, in 50 digits: formulas written anew from their pages, slow and without a trick.

A file a model, and in it a function a quantity, which takes theta, a history, and what is asked. Its answer has the digits
that mpmath works in, within a few.
"""

from oracles.bdw import *  # noqa: F403
from oracles.bgbb import *  # noqa: F403
from oracles.bgnbd import *  # noqa: F403
from oracles.cnbd import *  # noqa: F403
from oracles.gammagamma import *  # noqa: F403
from oracles.ggnbd import *  # noqa: F403
from oracles.mbgnbd import *  # noqa: F403
from oracles.nbd import *  # noqa: F403
from oracles.pareto import *  # noqa: F403
from oracles.sbg import *  # noqa: F403
from oracles.tools import *  # noqa: F403
