# Every target does its own set-up on a bare machine.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-linux bench bench-attest false-rejects bench-scenarios check

help: ## lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

setup: ## installs what is needed
	@bash scripts/setup

demo: setup ## runs the main job: a flood, found and stopped by agents
	@bin/muster scenario run scenarios/demo.yaml --plane auto --out runs/demo

test: setup check ## all tests of the twin, and on Linux as root those that are quick on real packets
	@bash scripts/test

test-linux: setup ## every scenario on real packets (Linux, root; about 14 minutes)
	@bash scripts/test-linux

bench: setup ## the engine beside its peers: table, json and charts in bench/results (about 6 minutes)
	@node --import tsx bench/main.ts

bench-attest: setup ## attestation, exclusion, group keys and the control loop without its ledger: table, and json in bench/results (about 10 minutes, at most 15; as root on Linux)
	@npx --no-install tsx scripts/compile-contracts.ts
	@node --import tsx bench/attestation/main.ts

false-rejects: setup ## 10 000 honest measurements under mixed load: how many are refused (about 15 minutes)
	@node --import tsx bench/attestation/false-rejects.ts

bench-scenarios: setup ## every scenario, defence on and off: twin over 20 seeds, linux over 3 (over two hours as root on Linux)
	@node --import tsx bench/scenarios.ts

check: setup ## lint, import borders, types, type soundness
	@bash scripts/check
