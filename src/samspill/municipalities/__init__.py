"""Kommuner through time: names, numbers, mergers, splits and figures, each with its source.

The room answers "which municipality is this number on that day", finds a municipality by any of its
official names, and says what is known about it. It knows nothing about services or cases.
"""
