.PHONY: install test slow lint types bench gate ci

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
	python benchmarks/speed/run.py

gate:
	python benchmarks/gate.py $(BASE)

ci:
	bash .ci/run
