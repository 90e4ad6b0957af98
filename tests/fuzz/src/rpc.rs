//! Any bytes as a request to any method: it is carried out or refused, and what is refused changes nothing.

use tonic::Code;

use super::interface::{INTERFACE, Method};
use super::world::{BEARERS, World};

/// The method and the bearer that the first two bytes choose.
fn chosen(method: u8, bearer: u8) -> (&'static Method, &'static str) {
    let methods = &INTERFACE.methods;
    let method = &methods[usize::from(method) % methods.len()];
    (method, BEARERS[usize::from(bearer) % BEARERS.len()])
}

/// The first byte chooses the method, the second who calls, the rest is the message.
///
/// # Panics
/// A promise is broken.
pub fn run(input: &[u8]) {
    let [method, bearer, message @ ..] = input else {
        return;
    };
    let (method, bearer) = chosen(*method, *bearer);
    let world = World::new();
    let before = world.state();
    let header = format!("Bearer {bearer}");
    let answer = world.send(method, header.as_bytes(), message.to_vec());
    let after = world.state();
    let changed = before != after;
    match answer {
        Some(Ok(_)) => {}
        Some(Err(status)) => {
            let fault = [
                Code::Internal,
                Code::Unknown,
                Code::DataLoss,
                Code::Unimplemented,
            ];
            assert!(!fault.contains(&status.code()), "{}: {status}", method.name);
            assert!(!status.message().is_empty(), "{}: {status:?}", method.name);
            assert!(
                !changed,
                "{} was refused and changed something",
                method.name
            );
        }
        None => assert!(!changed, "a claim waits and changed something"),
    }
    if changed {
        world.check();
    }
}

/// An input for each method: as the coordinator or as the agent that holds a task, with every field filled.
pub fn seeds() -> Vec<(String, Vec<u8>)> {
    let seed = |(place, method): (usize, &Method)| {
        let agent = method.path.contains("WorkService");
        let mut input = vec![
            u8::try_from(place).expect("fewer than 256 methods"),
            u8::from(agent),
        ];
        input.extend(INTERFACE.request(method, &[]));
        (method.name.clone(), input)
    };
    INTERFACE.methods.iter().enumerate().map(seed).collect()
}
