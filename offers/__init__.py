"""What a group may have: offers, their usage periods, the rule that judges, and the uses it charges."""
