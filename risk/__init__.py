"""Snowball risk: how far a complaint will spread, whether complaints surge, and how well that was foreseen.

Pure functions over counts and times: rows and clocks are somebody else's.
"""
