//! The clause catalogue and the tests that join all layers.
