"""How good the judgement is: recall by kind of attack, false alarms on real mail, beside simple detectors."""
