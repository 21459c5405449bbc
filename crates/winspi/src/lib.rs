//! The library: the machine as a value, and foreign parties on real threads.
