"""Conditions under which documents are read: gold boxes, real OCR, cut pages, counterfactuals."""

from .apply import ConditionResult, apply_condition
from .names import Condition, ConditionError, parse_condition

__all__ = ["Condition", "ConditionError", "ConditionResult", "apply_condition", "parse_condition"]
