"""What people keep: workspaces, annotations, samples, project files."""
