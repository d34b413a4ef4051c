"""The report: one self-contained HTML file that people show to a colleague."""
