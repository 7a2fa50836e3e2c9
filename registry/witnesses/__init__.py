"""Those who watch the log: rounds of cosigning, the view that has met the quorum, what auditors were handed."""
