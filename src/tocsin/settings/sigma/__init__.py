"""Sigma rules from files to `tocsin.core.predicates`: parsed by pySigma, cached as JSON."""
