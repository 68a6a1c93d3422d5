"""Files and OpenStreetMap in: every door through which data enters."""
