"""Files that people hand in: judged by their content, opened in a process of their own, never by what they call themselves."""
