"""What every context shares: ids, money, refusals and the event envelope. A leaf: it imports nothing of ours."""
