"""Tests of invitation links."""
