"""Propose, verify, structure, ground, fuse: from labelled boxes to values that can be checked."""
