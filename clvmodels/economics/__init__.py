"""Economics: what customers are worth under terms, scenarios and costs; one room for one question."""
