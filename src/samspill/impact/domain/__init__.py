"""Pure calculation of consequences: no Django, no files, no clock.

reading         strict reading of JSON: what is wrong, where, and the remedy
distributions   triangular, PERT, lognormal: mean, sd, quantiles, exact
present_value   discounting in steps and the cost of tax finance
learning        posterior of a reference class from estimates and actuals
lines           the effect line, the one atom
assumptions     what a ministry may change: data with version, date and source
facts           what is known of a municipality: people, employees, cases, vendors, capacity
streams         seeds by hashing, scrambled Sobol points, national factors
weights         effect lines × municipalities × years: the part that is not drawn
factor_model    the simulation as matrix products
cells           the same, cell by cell, where few lines make the approximation crude
reductions      quantiles with errors; per municipality, county, size, centrality, year, bearer
load            change load per municipality, role and year; collisions
checklist       the introduction-cost questions, asked in full
calibration     how well a forecaster's percentiles hold
"""
