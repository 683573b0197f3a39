"""Post growth: how far one post will spread, foreseen from a few readings of its counter."""

from risk.growth.forecast import GROUPS, Forecast, Growth
from risk.growth.track import READINGS, Root, Track

__all__ = ["GROUPS", "READINGS", "Forecast", "Growth", "Root", "Track"]
