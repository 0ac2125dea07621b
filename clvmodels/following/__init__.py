"""Following up: indicators by period, forecasts by period, and what happened beside what was foretold."""
