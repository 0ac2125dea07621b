"""Contracts: subscribers who say when they leave, and what their contracts are worth beside purchases."""
