"""Look-ups in national registers: who asked, why, on what legal basis, and what came back.

Every look-up needs a declaration of a published service package and leaves a row in the access log.
The room translates the registers' own formats to one normal shape; it decides nothing about rights.
"""
