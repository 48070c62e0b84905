# Every target does its own set-up on a bare machine.
.DEFAULT_GOAL := help
# As bin/muster starts Node.
ROOM := --max-semi-space-size=64
.PHONY: help setup demo test test-long test-functions test-linux test-browser test-mutants soak-genuine soak-services redteam bench bench-scenarios bench-attest bench-placement bench-burst bench-chain bench-services bench-console pictures false-rejects gas check

help: ## lists the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

setup: ## installs what is needed
	@bash scripts/setup

demo: setup ## runs the main job: a flood, found and stopped by agents
	@bash scripts/demo

test: setup check ## all tests of the twin, contracts, model and genuine agents, and on Linux as root those that are quick on real packets (under half an hour on two cores)
	@bash scripts/test

test-long: setup ## pipelines of genuine agents that fight a flood to its end, change, are reborn, upgraded, recorded, verified, native, with TPMs, with two verifiers, or run out of disk (about 14 minutes)
	@LONG=1 npx --no-install vitest run --config vitest.genuine.config.ts

test-functions: setup ## functions, chains, and sites that are cut off from one another, on real packets (Linux, root; about 6 minutes)
	@LONG=1 npx --no-install vitest run --config vitest.packets.config.ts

test-browser: setup ## the console in a real browser against a real muster up (Debian's chromium)
	@npx --no-install vitest run --config vitest.browser.config.ts

test-linux: setup ## every scenario on real packets (Linux, root; about 14 minutes)
	@bash scripts/test-linux

test-mutants: setup ## plants faults in the contracts and shows that each is caught (about 3 minutes)
	@npx --no-install tsx scripts/test-contract-mutants.ts

soak-genuine: setup ## kills the ledger, guards, daemons and agents of a running pipeline, 20 times at random (SEED=N repeats it), and looks at what is left
	@KILLS=20 npx --no-install vitest run --config vitest.genuine.config.ts test/genuine/killed.test.ts

soak-services: setup ## kills the store of services and a daemon over it, 100 times each, a third of them between write and sync (about 6 minutes; gcc)
	@KILLS=100 npx --no-install vitest run src/adapters/store-level src/runtime/services/daemon-kills.test.ts

gas: setup ## what each function of the contracts costs: writes docs/gas.md
	@npx --no-install tsx scripts/measure-gas.ts

redteam: setup ## attacks live agents in every way we know, table in docs/redteam.md (Linux, root; about half an hour; says how long it took)
	@node --import tsx test/redteam/main.ts

bench: setup ## the engine beside its peers: table, json and charts in bench/results (about 6 minutes)
	@node --import tsx bench/main.ts

bench-attest: setup ## attestation, exclusion, group keys, starts to the end of a run, and the control loop without its ledger: table, and json in bench/results (about 45 minutes; as root on Linux)
	@npx --no-install tsx scripts/compile-contracts.ts
	@node --import tsx bench/attestation/main.ts

bench-placement: setup ## services placed by auction beside other ways, on Virne's settings: table, json and charts in bench/results (at most 15 minutes; more: node --import tsx bench/placement/main.ts --help)
	@node $(ROOM) --import tsx bench/placement/main.ts

bench-burst: setup ## services applied one at a time and 200 at once on 40 sites of the twin: times, and the books counted again (about 5 minutes)
	@node $(ROOM) --import tsx bench/burst/main.ts

false-rejects: setup ## 10 000 honest measurements under mixed load: how many are refused (about 15 minutes)
	@node --import tsx bench/attestation/false-rejects.ts

bench-scenarios: setup ## every scenario, defence on and off: twin over 20 seeds, linux over 3 (over two hours as root on Linux)
	@node --import tsx bench/scenarios.ts

bench-chain: setup ## from the orders for a chain of three functions over four sites to the first reply that all have stamped (Linux, root; about 2 minutes)
	@node --import tsx bench/functions/first-reply.ts

bench-services: setup ## from `muster service apply` of a chain of three functions on 4 sites to the first reply that all have stamped, 50 times in the twin and, as root, on Linux (about 5 minutes)
	@node --import tsx bench/services/main.ts

bench-console: setup ## the console in a browser: first load, 60 entries a second live, a recording of 100 000 entries: table, and json in bench/results (about 3 minutes; Debian's chromium)
	@node --import tsx bench/console/main.ts

pictures: setup ## pictures of every view of the console, into docs/pictures/console (about 4 minutes; Debian's chromium)
	@PICTURES=1 npx --no-install vitest run --config vitest.browser.config.ts test/browser/every-view.test.ts

check: setup ## lint, import borders, types, type soundness
	@bash scripts/check
