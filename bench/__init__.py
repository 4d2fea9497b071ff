"""Measures: the demo told through real clients, and the benchmarks. Nobody imports it."""
