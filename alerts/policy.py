"""The numbers that alerts are decided by, each with its reason."""

from datetime import timedelta
from typing import Final

from domain.vocabulary import AlertLevel

# What fires and calms within this is never told (Alertmanager waits 30 s; our looks are five minutes apart).
GROUP_WAIT: Final = timedelta(minutes=2)
# An open alert is told anew at most this often, unless its level rises.
UPDATE: Final = timedelta(minutes=30)
# A level falls only after it has been lower for this long: one calm look proves nothing.
FALL: Final = timedelta(minutes=60)
# How long nobody may take an alert before it is told again: a critical one to the next in the chain.
REPEAT_CRITICAL: Final = timedelta(minutes=15)
REPEAT_WARN: Final = timedelta(minutes=60)
# Who has not reacted to so many reminders will not react to the next.
MOST_REPEATS: Final = 8
# An alert that somebody took and then left is nobody's again.
UNATTENDED: Final = timedelta(hours=4)
# It is over when so little more is foreseen for so long.
SETTLED: Final = timedelta(hours=3)
# What comes back within a day is the same affair; what somebody called irrelevant is left alone as long.
REOPEN: Final = timedelta(hours=24)
# An update tells something when people grew by a fifth or the probability moved by a tenth.
GROWN: Final = 1.2
MOVED: Final = 0.1
# By when somebody should have done something about a case.
DUE: Final = {
    AlertLevel.CRITICAL: timedelta(hours=1),
    AlertLevel.WARN: timedelta(hours=4),
    AlertLevel.WATCH: timedelta(hours=24),
}
# What was over for so long when it was found is history and wakes nobody.
PATIENCE: Final = timedelta(hours=6)
