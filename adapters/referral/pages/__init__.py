"""The advocate's statement page."""
