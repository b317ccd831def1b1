"""Pages that visitors of links see when there is nowhere to lead them."""
