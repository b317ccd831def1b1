"""How people are talked to: share texts and addresses, messages, channels, consent and suppression.

Words: Share, Channel, Message, Consent, Suppression.
"""
