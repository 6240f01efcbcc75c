# The two commands of the README are `make site` and `make test`; the rest serve developers.
PIP := .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes --no-deps
MULU := .venv/bin/mulu

.PHONY: site test check bless bench judges lock words

site: .venv/site.stamp
	$(MULU) check
	$(MULU) build -o build/site
	@echo
	@echo "网站在 build/site。查看：$(MULU) serve，然后在浏览器打开它给出的地址。"
	@echo "The site is in build/site. To look at it: $(MULU) serve"

test: .venv/dev.stamp
	bash tests/prepare.sh
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/lint-imports
	.venv/bin/mypy
	.venv/bin/pyright
	$(MULU) check
	.venv/bin/pytest -n 2
	.venv/bin/pytest -n 0 -o addopts="-q --import-mode=importlib" tests/judges

check: .venv/site.stamp
	$(MULU) check

bless: .venv/dev.stamp
	MULU_BLESS=1 .venv/bin/pytest -k golden; git diff --stat tests/golden

judges: .venv/dev.stamp
	bash tests/prepare.sh
	.venv/bin/pytest -n 0 -o addopts="-q --import-mode=importlib" tests/judges

words: .venv/dev.stamp
	.venv/bin/python site/languages/collect.py en

bench: .venv/dev.stamp
	bash tests/prepare.sh
	.venv/bin/python tests/bench/bench.py
	.venv/bin/python tests/bench/bench_site.py
	.venv/bin/python tests/bench/bench_replay.py
	.venv/bin/python tests/bench/bench_review.py

lock:
	.venv/bin/uv pip compile --quiet pyproject.toml --all-extras --group build --group dev --generate-hashes --universal --no-header --no-annotate --no-emit-index-url -o requirements-dev.txt
	.venv/bin/uv pip compile --quiet pyproject.toml --all-extras --group build --generate-hashes --universal --no-header --no-annotate --no-emit-index-url -c requirements-dev.txt -o requirements.txt

.venv/bin/pip:
	python3 -m venv .venv

.venv/site.stamp: pyproject.toml requirements.txt | .venv/bin/pip
	$(PIP) -r requirements.txt
	.venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml requirements-dev.txt | .venv/bin/pip
	$(PIP) -r requirements-dev.txt
	.venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ .venv/site.stamp
