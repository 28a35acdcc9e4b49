"""Pure rules of representation.

model       persons, grants, a world of them, a question and its answer
codes       the guardians' service areas of Folkeregisteret, with dates
deciding    may this person act for that one: rules R1 to R20
reading     strict readers of the published JSON shapes
guardians   Folkeregisteret's person document → guardians and their tasks
"""
