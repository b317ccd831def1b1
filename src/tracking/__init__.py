"""What happened: links, clicks, connections to shop platforms, orders and their attribution.

Words: Link, Click, Connection, Order, Attribution.
"""
