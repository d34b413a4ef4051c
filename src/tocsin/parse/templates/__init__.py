"""Declared log formats, a module per program or kind of log; `tocsin.parse.known` walks them."""
