"""Benchmarks: ``python tests/bench/run.py``; they measure and print, and assert nothing."""
