"""On whose behalf: mandates, guardians, parents, estates, and the one decision point.

It is no authority of its own for what registers know: it asks them, and never keeps a copy as if it were one.
"""
