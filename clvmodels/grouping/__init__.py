"""Grouping: segments, portfolios, tiers of volume, and who brings which share of the value."""
