"""The precinct file: one GeoPackage that holds everything, written whole or not at all."""
