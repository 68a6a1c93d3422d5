"""What people take away: maps, GPX, exchange files."""
