//! `cuehook-relay`: see `cuehook-relay help`.

fn main() {}
