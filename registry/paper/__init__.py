"""Papers: statements of account, certificates, notices, memos, as PDF/A-3 with the evidence that each rests on."""
