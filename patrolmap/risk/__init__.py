"""Where and when it matters: the grid, hotspots, a priority for each cell and window."""
