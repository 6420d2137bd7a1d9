# What people type. Everything else is CMake (CMakePresets.json) and the scripts that this calls.
#   make run        install what is missing, build, trace this host and show a first trace (ONCE=1: and end)
#   make build      build/suture
#   make demo       a small shop of services that know nothing of tracing, and its traces
#   make test       every test that this host can run (25 minutes on two cores)
#   make test-all   more: ThreadSanitizer, long fuzzing, benchmarks, the full end-to-end counts
#   make test-backends  real Jaeger, Collector, Tempo, Zipkin and Prometheus (builds them once, which takes half an hour; then 15 minutes)
#   make test-vm     the kernel tests under other kernels, and what writes, emulated: two hours or more
#   make bench      what suture costs, beside a classic probe in the same run
#   make truth      how right suture's links are, for services in many languages (RUNTIME=go: one of them; it says how long)
#   make truth-quick  a chosen few of these, in minutes, with bars
.PHONY: run build demo test test-all test-backends test-vm bench truth truth-quick truth-tools doctor setup-build setup-test configure format tidy clean

QUIETLY = --log-level=WARNING

run: build
	@scripts/first-trace $(if $(ONCE),--once)

build: setup-build
	@cmake --preset release -DSUTURE_TESTS=OFF -DSUTURE_BENCH=OFF $(QUIETLY)
	@cmake --build build --target suture

setup-build:
	@scripts/setup build

setup-test:
	@scripts/setup test

demo: build
	@demo/run

doctor: build
	@build/suture doctor

# Release build: all tiers. ASan and UBSan build: unit, replay and a minute of fuzzing.
test: setup-test
	@cmake --preset release -DSUTURE_TESTS=ON -DSUTURE_BENCH=ON $(QUIETLY)
	@cmake --build build
	@cmake --preset asan $(QUIETLY)
	@cmake --build build-asan --target tests_without_kernel
	@scripts/run-tests build 'unit|replay|kernel|e2e|deploy|truth' build-asan 'unit|replay|fuzz'

test-all: test
	@cmake --preset tsan $(QUIETLY)
	@cmake --build build-tsan --target tests_without_kernel
	@scripts/run-tests build-tsan 'unit|replay'
	@cmake --preset asan -DSUTURE_FUZZ_SECONDS=300 $(QUIETLY)
	@scripts/run-tests build-asan 'fuzz'
	@SUTURE_E2E_REQUESTS=10000 SUTURE_E2E_MESSAGES=1000000 SUTURE_E2E_KILLS=100 scripts/run-tests build 'e2e|all'
	@$(MAKE) test-vm
	@$(MAKE) bench

test-backends: setup-test
	@cmake --preset release -DSUTURE_TESTS=ON $(QUIETLY)
	@cmake --build build --target suture suture_e2e_services
	@python3 -B tests/backends/run.py

test-vm:
	@scripts/setup vm
	@cmake --preset release -DSUTURE_TESTS=ON -DSUTURE_BENCH=ON $(QUIETLY)
	@cmake --build build
	@python3 -B tests/vm/run.py build

bench: setup-test
	@cmake --preset release -DSUTURE_TESTS=ON -DSUTURE_BENCH=ON $(QUIETLY)
	@cmake --build build
	@python3 tests/bench/bench.py --suture build/suture --bin-dir build/tests/bench

truth-tools: setup-test
	@cmake --preset release -DSUTURE_TESTS=ON $(QUIETLY)
	@cmake --build build --target suture truth_tools

truth: truth-tools
	@python3 -B tests/truth/run.py $(RUNTIME:%=--runtime %) $(if $(RUNTIME),,--out docs/truth.md)

truth-quick: truth-tools
	@python3 -B tests/truth/run.py --quick

format:
	@git ls-files '*.cpp' '*.h' | grep -v '^bpf/\|^include/' | xargs clang-format-19 -i

tidy:
	@run-clang-tidy-19 -quiet -p build 'agent/.*'

clean:
	@rm -rf build build-*
