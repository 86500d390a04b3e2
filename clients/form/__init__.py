"""The cooperation form of Appendix 1: its fields, what a person may write into them, and what is still wrong. Pure."""
