"""帳號漫遊合作申請表 (Appendix 1): its fields, what may stand in them, and the sheet on paper."""
