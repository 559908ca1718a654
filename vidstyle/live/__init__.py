"""One frame by a feed-forward network, in any style, and the stabiliser over time."""
