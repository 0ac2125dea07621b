"""Which model to trust, and how good it is: forecasts from several moments of a log, held beside what was bought."""
