"""The pages friends see: the deal, their code, and friendly words without a deal. No script, no outside request."""
