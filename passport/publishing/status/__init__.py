"""Status lists: how they are published, how a change is taken in, and the notices of one."""
