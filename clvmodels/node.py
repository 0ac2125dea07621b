"""A function with its gradient as a node of a PyTensor graph: how PyMC and its samplers call our likelihoods.

One Op gives both the value and the gradient, so that a step of a sampler calls the function once.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from pytensor.gradient import DisconnectedType, grad_not_implemented
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import generate_fallback_impl, numba_funcify
from pytensor.tensor.basic import as_tensor_variable, cast
from pytensor.tensor.type import dscalar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clvmodels.kernels.lift import Array


class ValueAndGradient(Op):
    """The Op of a function that gives a number, and its slope in each number of an array: (value, array of that shape).

    Where one of them isn't finite, the value is -inf and the gradient 0: a point that can't be.

    Parameters
    ----------
    function
        Something that can be pickled, since samplers send it to processes of their own.
    """

    __props__ = ("function",)

    def __init__(self, function: Callable[[Array], tuple[float, Array]]) -> None:
        self.function = function

    def make_node(self, *inputs: Any) -> Apply[Any]:  # noqa: ANN401
        """Take one array; give a number and an array of its shape."""
        point = cast(as_tensor_variable(inputs[0]), "float64")
        return Apply(self, [point], [dscalar(), point.type()])

    def perform(self, node: Apply[Any], inputs: Sequence[Any], output_storage: list[list[Any]]) -> None:
        """Call the function."""
        del node
        value, gradient = self.function(inputs[0])
        known = np.isfinite(value) and np.isfinite(gradient).all()
        output_storage[0][0] = np.array(value if known else -np.inf, float)
        output_storage[1][0] = np.array(gradient, float) if known else np.zeros_like(inputs[0])

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:
        """Give the gradient that was had with the value; there are no second derivatives."""
        if not isinstance(cotangents[1].type, DisconnectedType):
            return [grad_not_implemented(self, 0, inputs[0], "The node gives no second derivatives.")]
        return [cotangents[0] * outputs[1]]

    L_op: Any = pullback
    """Its name before PyTensor 3."""


@numba_funcify.register(ValueAndGradient)
def _as_it_is(op: ValueAndGradient, node: Apply[Any], **options: Any) -> Any:  # noqa: ANN401
    """Have code compiled by numba call the function in Python, which is meant and needs no warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Numba will use object mode")
        return generate_fallback_impl(op, node, **options)


def node(function: Callable[[Array], tuple[float, Array]], point: Any) -> Any:  # noqa: ANN401
    """Return the value of a function at a point as a variable of a graph, which samplers can differentiate.

    Parameters
    ----------
    function
        Gives (value, gradient) of an array; picklable.
    point
        A variable of that array's shape.

    Examples
    --------
    >>> import numpy as np
    >>> import pytensor.tensor as pt
    >>> def bowl(point):
    ...     return -(point**2).sum(), -2.0 * point
    >>> float(node(bowl, pt.as_tensor_variable(np.array([1.0, 2.0]))).eval())
    -5.0
    """
    return ValueAndGradient(function).make_node(point).outputs[0]
