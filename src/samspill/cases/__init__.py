"""Live cases: draft, what is missing, submission, handling, decision, letter, appeal.

The room knows no named service. What a case asks, who prepares it and how it is decided is read from
the pinned service package. It does not compute rules (the package's rule book does), fetch registers
(`registers`) or find out who is logged in (`identity`).
"""
