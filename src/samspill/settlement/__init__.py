"""Agreements on cost and gain, measured gains, and the yearly settlement between the parties.

It pays nothing out; it says exactly what is due.
"""
