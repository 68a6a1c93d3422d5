"""What every room speaks: kinds, layers, calendar, units, network, plan, space."""
