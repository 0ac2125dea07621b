"""Addresses of compiled formulas: how a loop is given the formula that it calls.

The compiler would take a formula apart anew each time that it is handed to a loop, which costs more than a short loop.
"""
# pyright: basic

from __future__ import annotations

from typing import Any

from numba import types
from numba.core import cgutils
from numba.experimental.function_type import FunctionModel
from numba.extending import NativeValue, register_model, unbox  # pyright: ignore[reportAttributeAccessIssue]


class AddressType(types.FunctionType):
    """The compiler's type of a formula that is known by its address."""


register_model(AddressType)(FunctionModel)


class Address:
    """Where a compiled formula of one signature lies.

    Attributes
    ----------
    formula
        Kept, for its code must stay in place.
    type
        What goes in, what comes out, for the compiler.
    c_addr, jit_addr
        Its two entries: for callers from C, and for compiled code.
    """

    def __init__(self, formula: Any) -> None:
        (signature,) = formula.nopython_signatures
        found = formula.overloads[signature.args]
        self.formula = formula
        self.type = AddressType(signature)
        self.c_addr = found.library.get_pointer_to_function(found.fndesc.llvm_cfunc_wrapper_name)
        self.jit_addr = found.library.get_pointer_to_function(found.fndesc.llvm_func_name)


@unbox(AddressType)
def _unbox(typ, obj, c):  # noqa: ANN001, ANN202
    function = cgutils.create_struct_proxy(typ)(c.context, c.builder)
    for entry in ("c_addr", "jit_addr"):
        number = c.pyapi.object_getattr_string(obj, entry)
        setattr(function, entry, c.pyapi.long_as_voidptr(number))
        c.pyapi.decref(number)
    function.py_addr = c.builder.ptrtoint(obj, c.context.get_value_type(types.voidptr))
    return NativeValue(function._getvalue())  # noqa: SLF001  (as all of the compiler's extensions do)
