"""The pure rules: data items, service state (Art.5), release, permissions, ROC dates. Standard library only."""
