"""Engines: tables that stay where they are (DuckDB, polars, Spark), and what is fetched from them."""
