"""The pure ground: money, time, identifiers, outcomes and who acts. Imports nothing of ours."""
