//! Exploration of every interleaving of a scenario.
