<<<<<<< HEAD
=======
//! To come.

>>>>>>> house
fn main() {}
