"""Alerts: what raises them, what becomes of them, what they say, and how they reach the people who need them."""
