# `make help` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help local run test test-console lint fmt docs api package features bench sim sim-mutants fuzz setup clean \
	advisories build deploy deploy-fn destroy localstack ministack e2e e2e-ministack

TOOLS := .tools
CFN_LINT := $(TOOLS)/bin/cfn-lint
CARGO_DENY := $(TOOLS)/bin/cargo-deny
CARGO_HACK := $(TOOLS)/bin/cargo-hack
CARGO_LAMBDA := $(TOOLS)/bin/cargo-lambda
CARGO_CYCLONEDX := $(TOOLS)/bin/cargo-cyclonedx
PIP_AUDIT := $(TOOLS)/bin/pip-audit
# Nothing is installed whose hash is not in the file, and nothing is built from source.
PIP := $(TOOLS)/bin/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --requirement
# The crates of the platform, which are published: each has its folder's name.
PLATFORM := $(addprefix --package ,$(notdir $(wildcard shared/fanfare* infra/fanfare-*)))
# What `make run` needs: the store's functions and the commands. The last one has no program: it gives dependencies the features
# that `make test` wants, so that it compiles none of them again.
STORE := $(addprefix --package ,$(notdir $(wildcard functions/*)) store-cli fanfare-cli unified-features)
# What this workspace compiles its own crates with, for a package that is compiled outside it, so that they are not
# compiled again; how dependencies are compiled, .cargo/config.toml says.
PROFILE := --config 'profile.dev.debug="line-tables-only"'
# What is deployed, where to, and what for.
STACK ?= fanfare
ARCH ?= arm64
# How `make e2e` builds: `dev` for an emulator that runs functions as processes of this machine, ARCH for one that
# runs them in Lambda's own image.
BUILD ?= dev
export REGION PORT
# The template is also linted with what its conditions leave out by default; one API has one front.
WITH_FUNCTION_URL := ApiFront=function-url AlarmEmail=ops@example.com
WITH_EVERYTHING := AlarmEmail=ops@example.com JwtIssuer=https://issuer.example.com JwtAudience=store \
	PaymentSecretArn=arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

local: ## Build what the store needs to run here, and nothing of tests or of the benchmark
	cargo build --bins $(STORE)

run: local ## Run the store here and show sample orders on their way; Ctrl-C ends it
	@cargo run --quiet --bin fanfare-store -- up

test: local ## Run every test; needs cargo alone
	cargo test --workspace

test-console: ## Run the tests of the console in a real browser, if there is one; WRITE=1 takes the pictures of docs/console anew
	@if command -v chromium && command -v chromedriver; then \
		$(MAKE) --no-print-directory local && \
		$(if $(WRITE),FANFARE_WRITE=1) cargo test --workspace --test console_browser -- --ignored --test-threads 2; \
	else echo "skipped: there is no browser here; apt-get install chromium chromium-driver"; fi

lint: $(CFN_LINT) $(CARGO_DENY) ## Check format, lints, licences, where dependencies come from, the template, the public API and docs
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo fetch --quiet --locked
	$(CARGO_DENY) --offline check bans licenses sources
	$(CFN_LINT) infra/template.yaml
	cargo run --quiet --bin fanfare -- lint infra/template.yaml
	cargo run --quiet --bin fanfare -- lint infra/template.yaml $(addprefix --parameter ,$(WITH_EVERYTHING))
	cargo run --quiet --bin fanfare -- lint infra/template.yaml $(addprefix --parameter ,$(WITH_FUNCTION_URL))
	$(MAKE) --no-print-directory api docs

docs: ## Build the documentation of every library; a warning is an error
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --lib --all-features

api: ## Compare the platform's public API with docs/api; WRITE=1 writes what is new
	$(if $(WRITE),FANFARE_WRITE=1) cargo run --quiet --bin public-api-check

# Cargo takes a package of a version for the same for ever, so what an earlier run made of these goes first: the packages, what it
# unpacked from its registry of the moment, whose name begins with a hyphen, and what it compiled.
package: ## Package every crate of the platform, and compile each from its package alone
	rm -rf target/package target/debug/.fingerprint/fanfare* \
		"$${CARGO_HOME:-$$HOME/.cargo}"/registry/src/-*/fanfare* "$${CARGO_HOME:-$$HOME/.cargo}"/registry/cache/-*/fanfare*
	cargo package $(PROFILE) $(PLATFORM)

features: $(CARGO_HACK) ## Check every crate of the platform alone, with each of its features
	$(CARGO_HACK) hack check --each-feature $(PLATFORM)
	cargo test --package fanfare-bootstrap

fmt: ## Format the code
	cargo fmt --all

bench: ## Measure the store, and inventory beside its floors; ONLY="cold-start size" for some parts
	cargo build --release --workspace
	@cargo run --quiet --release --bin fanfare-bench -- $(addprefix --only ,$(ONLY))

sim: ## Run SEEDS=200 schedules of faults in virtual time; SEED=17 runs that one, told in full
	@cargo run --quiet --example sim -- $(if $(SEED),--seed $(SEED) --verbose,--seeds $(or $(SEEDS),200))

sim-mutants: ## Switch mechanisms off one by one; the simulation must miss each within SEEDS=100 seeds
	@cargo run --quiet --example sim -- --mutants --seeds $(or $(SEEDS),100)

build: $(CARGO_LAMBDA) $(CARGO_CYCLONEDX) ## Build every function for Lambda, ARCH=arm64 or x86_64, with an SBOM beside each zip
	infra/build.sh $(ARCH)

deploy: $(CFN_LINT) ## Deploy what was built: STACK=fanfare REGION=eu-central-1 STAGE=prod, PARAMETERS="Name=value ..."
	infra/deploy.sh $(STACK) $(addprefix Stage=,$(STAGE)) $(PARAMETERS)

deploy-fn: $(CARGO_LAMBDA) ## Build one function and deploy its code alone: FN=email STACK= REGION=
	infra/deploy-function.sh $(STACK) $(or $(FN),$(error FN names the function: make deploy-fn FN=email))

destroy: $(CFN_LINT) ## Delete a stack: STACK= REGION=; in stage prod its tables stay
	infra/destroy.sh $(STACK)

localstack: ## Start LocalStack by Docker Compose on PORT=4566; Ctrl-C ends it
	docker compose --file infra/emulators/compose.yaml up

ministack: $(CFN_LINT) ## Start MiniStack without Docker on PORT=4566, AUTH=true for IAM; Ctrl-C ends it
	$(TOOLS)/bin/python infra/emulators/ministack_like_aws.py $(or $(PORT),4566)

e2e: $(CFN_LINT) ## Deploy to the emulator at ENDPOINT=http://127.0.0.1:4566 and run the tests that hold anywhere
	infra/build.sh $(BUILD)
	BUILD=$(BUILD) infra/emulators/e2e.sh $(or $(ENDPOINT),$(error ENDPOINT says where the emulator is: make e2e ENDPOINT=http://127.0.0.1:4566))

e2e-ministack: $(CFN_LINT) ## The same on a MiniStack of its own, with IAM enforced
	infra/build.sh dev
	BUILD=dev infra/emulators/e2e-ministack.sh

fuzz: ## Fuzz what arrives from outside for SECONDS=60 a target; plain `make test` does it for a second
	BOLERO_RANDOM_TEST_TIME_MS=$(or $(SECONDS),60)000 cargo test --package fuzz

advisories: $(CARGO_DENY) $(PIP_AUDIT) ## Look for known vulnerabilities in what is depended on; needs PyPI and github.com
	infra/advisories.sh

setup: $(CFN_LINT) $(CARGO_DENY) $(CARGO_HACK) $(CARGO_LAMBDA) $(CARGO_CYCLONEDX) $(PIP_AUDIT) ## Install the pinned tools into .tools

$(CFN_LINT): infra/requirements.txt
	python3 -m venv $(TOOLS)
	$(PIP) infra/requirements.txt
	@touch $@

$(CARGO_LAMBDA): infra/requirements-build.txt $(CFN_LINT)
	$(PIP) infra/requirements-build.txt
	@touch $@

$(PIP_AUDIT): infra/requirements-audit.txt $(CFN_LINT)
	$(PIP) infra/requirements-audit.txt
	@touch $@

$(CARGO_CYCLONEDX):
	cargo install --quiet --locked --root $(TOOLS) --version 0.5.7 cargo-cyclonedx

$(CARGO_DENY):
	cargo install --quiet --locked --root $(TOOLS) --version 0.20.2 cargo-deny

$(CARGO_HACK):
	cargo install --quiet --locked --root $(TOOLS) --version 0.6.45 cargo-hack

clean: ## Remove what was built
	cargo clean
	rm -rf $(TOOLS)
