# Every target is one script; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: run test smoke sessions bench fmt lint clean help

run: ## Serve the demo chain here: build, private servers, data, addresses and logins. Ctrl-C ends it
	@exec scripts/run

test: ## Everything, unit to browser; ends non-zero if anything failed
	@exec scripts/test

smoke: ## Two nodes, 300 sessions, one hot round, one node killed in mid-rush; prints one JSON line
	@exec scripts/smoke

sessions: ## Lines lost, phones that stall, nodes that restart and die; prints one JSON line
	@exec scripts/sessions

bench: ## The table of speed ratios, each to a reference measured in the same run
	@exec scripts/bench

fmt: ## Format the Rust sources
	@cargo fmt

lint: ## Formatting and lints of server and clients, nothing changed
	@exec scripts/lint

clean: ## Remove what was built and the demo's data
	@exec scripts/clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
