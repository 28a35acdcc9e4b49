"""What insight computes, pure: tiles, suppression, distribution, equality, and what the open data consist of."""
