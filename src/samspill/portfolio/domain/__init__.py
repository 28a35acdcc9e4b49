"""Pure rules of deciding together: states and guards, relevance, representativeness, calendar, priority."""
