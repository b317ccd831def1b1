"""Programmes and what they owe: offers, advocates, referrals, rewards and the double-entry ledger.

Words: Programme, Offer version, Advocate, Friend, Referral, Reward, Ledger. Decides what an order earns, and says why.
"""
