"""The laws of the design, for models written anywhere: ``check_model(model)`` says which of them it keeps."""

from clvmodels.testing.checking import check_model
from clvmodels.testing.verdict import Finding, LawError, Verdict

__all__ = ["Finding", "LawError", "Verdict", "check_model"]
