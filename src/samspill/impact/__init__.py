"""Consequence of initiatives for each municipality: cost, hours, gain, uncertainty, and learning from actuals.

It decides nothing and turns no hour into kroner; that is the gain plan's.
"""
