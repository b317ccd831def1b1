"""Orders of physical stores: files as tills and spreadsheets write them, read row by row."""
