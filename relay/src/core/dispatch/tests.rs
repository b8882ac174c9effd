//! What deliveries do, step by step. What holds in any order of steps is in the simulation.
