# `make help` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help local run test lint fmt bench sim sim-mutants setup clean

TOOLS := .tools
CFN_LINT := $(TOOLS)/bin/cfn-lint
CARGO_DENY := $(TOOLS)/bin/cargo-deny

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

local: ## Build all that the local runner needs
	cargo build --workspace

run: local ## Run the store here and show sample orders on their way; Ctrl-C ends it
	@cargo run --quiet --bin fanfare -- up

test: local ## Run every test; needs cargo alone
	cargo test --workspace

lint: $(CFN_LINT) $(CARGO_DENY) ## Check format, lints, licences, where dependencies come from, and the template
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(CARGO_DENY) --offline check bans licenses sources
	$(CFN_LINT) infra/template.yaml

fmt: ## Format the code
	cargo fmt --all

bench: ## Measure start, throughput, latency and memory, in one run
	cargo build --release --workspace
	@cargo run --quiet --release --bin fanfare-bench

sim: ## Run SEEDS=200 schedules of faults in virtual time; SEED=17 runs that one, told in full
	@cargo run --quiet --package simulation --example sim -- $(if $(SEED),--seed $(SEED) --verbose,--seeds $(or $(SEEDS),200))

sim-mutants: ## Switch mechanisms off one by one; the simulation must miss each within SEEDS=100 seeds
	@cargo run --quiet --package simulation --example sim -- --mutants --seeds $(or $(SEEDS),100)

setup: $(CFN_LINT) $(CARGO_DENY) ## Install the pinned tools of `make lint` into .tools

$(CFN_LINT): infra/requirements.txt
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check --requirement infra/requirements.txt
	@touch $@

$(CARGO_DENY):
	cargo install --quiet --locked --root $(TOOLS) --version 0.20.2 cargo-deny

clean: ## Remove what was built
	cargo clean
	rm -rf $(TOOLS)
