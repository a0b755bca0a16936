"""What `make bench` measures: time and memory by stage, fidelity of the layout, and the app in a browser."""
