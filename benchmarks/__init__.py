"""What `make bench` runs: Grapevine under load beside plain baselines on the same server in the same run."""
