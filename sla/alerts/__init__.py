"""Alert logs (S4): a file of notifications is read, checked, loaded into tables of its own, and attached as a whole or not at all."""
