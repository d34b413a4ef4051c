"""The hot loops: arrays in, arrays out; compiled by numba, each equal to a plain reference.

No kernel opens a file, keeps a global or allocates per record. Whatever state it needs
comes in as an array and goes out as the same array, so a call may stop after any record
and the next call goes on there.
"""
