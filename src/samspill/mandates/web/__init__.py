"""Pages of citizens and employees, and AuthZEN 1.0 for machines."""
