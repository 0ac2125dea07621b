"""Claims on the state that Python keeps of a thread, so that it stays between calls from a library that is not Python's.

A thread of such a library is given a state when it calls Python and loses it when the call returns, which takes longer than
a short call. A claim of our own, made in the first call of many and given back in the last, has the state stay in between.
One that is never given back, for the calls were broken off, costs a few kilobytes.
"""

from __future__ import annotations

from ctypes import pythonapi
from dataclasses import dataclass


@dataclass
class Claim:
    """A claim on the state of the thread that calls it.

    Attributes
    ----------
    calls
        How many there will be, all from one thread.
    made
        How many there have been.
    """

    calls: int
    made: int = 0

    def __call__(self) -> None:
        """Count a call."""
        if self.made == 0:
            pythonapi.PyGILState_Ensure()
        self.made += 1
        if self.made == self.calls:
            pythonapi.PyGILState_Release(0)  # what there was before the claim: a thread with a state
