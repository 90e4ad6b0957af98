//! Starting and stopping whole daemons in the process.
