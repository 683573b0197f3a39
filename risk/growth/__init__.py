"""Post growth: how far one post will spread, foreseen from a few readings of its counter.

:class:`Track` keeps a post's readings; a :class:`Growth` foresees from it. ``cold_start().among(tracks)`` foresees on a
platform without finished posts, ``learn(histories, horizon_s)`` learns from finished ones, ``better`` judges which of
two to trust.

Each night, with the finished posts of a platform as ``History.of_track(name, track)``: learn from a part with
``learn``, ask ``better(new, old, held_out, horizon_s)`` on the rest, which neither has seen, and ``save`` the new one
only where it is; the verdict tells why. Nothing here keeps state, reads a clock or writes but ``save``.
"""

from risk.growth.better import Verdict, better
from risk.growth.cold import ColdStart, cold_start
from risk.growth.files import load, save
from risk.growth.forecast import GROUPS, Forecast, Growth
from risk.growth.history import History, Reading
from risk.growth.learnt import Learnt, learn
from risk.growth.track import READINGS, Root, Track

__all__ = [
    "GROUPS",
    "READINGS",
    "ColdStart",
    "Forecast",
    "Growth",
    "History",
    "Learnt",
    "Reading",
    "Root",
    "Track",
    "Verdict",
    "better",
    "cold_start",
    "learn",
    "load",
    "save",
]
