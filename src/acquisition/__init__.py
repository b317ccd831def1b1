"""How friends arrive: the deal's landing page, the claim of a deal, invite codes with seats and validity.

Words: Deal, Claim, Landing page, Invite code.
"""
