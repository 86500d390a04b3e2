"""The papers of a case as PDF: the form of Appendix 1 to be stamped, the test record, the letter of confirmation."""
