"""A plain Litestar server to compare with."""
