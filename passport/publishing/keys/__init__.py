"""The issuer's keys over time: rotation, compromise, and what was signed with which key."""
