"""Record Tocsin's sample data with real tools inside network namespaces."""
