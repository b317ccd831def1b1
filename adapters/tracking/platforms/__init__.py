"""Shop platforms: each module turns what its platform sends into order reports."""
