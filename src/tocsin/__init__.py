"""Tocsin: log and network anomaly detection that ends in incidents."""

__version__ = "0.1.0"
