"""Pages of consequences: lines, checklist, result, the municipality's own figures, calibration."""
