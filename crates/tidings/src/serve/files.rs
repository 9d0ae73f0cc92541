//! The limit on open files. Every connection is one, and what shells give (1,024 is usual) is less
//! than the streams that a server keeps open.

/// Raises the limit to what the system allows. A server with fewer connections is still a server,
/// so a refusal is only logged.
pub(super) fn raise_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let most = Rlimit {
            current: maximum,
            maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, most) {
            tracing::warn!(%error, "the limit on open files stays");
        }
    }
}
