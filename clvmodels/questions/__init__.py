"""The questions that a fit answers: one file a kind of model, on one base."""

from clvmodels.questions.asking import Asking, Record
from clvmodels.questions.contracts import ContractQuestions
from clvmodels.questions.purchases import PurchaseQuestions
from clvmodels.questions.spending import SpendQuestions

__all__ = ["Asking", "ContractQuestions", "PurchaseQuestions", "Record", "SpendQuestions"]
