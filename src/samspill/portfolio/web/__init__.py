"""Pages of deciding together: one's own start, the register, each step of an initiative, rounds and calendar."""
