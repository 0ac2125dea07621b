.PHONY: install test slow lint types bench ci

install:
	pip install -e ".[test,dev,bench]"

test:
	pytest

slow:
	pytest -m slow tests/studies

lint:
	ruff check .
	ruff format --check .

types:
	pyright

bench:
	python benchmarks/speed.py

ci:
	bash .ci/run
