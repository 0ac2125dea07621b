"""Streaming: scores of customers that come a few at a time, with flat memory."""
