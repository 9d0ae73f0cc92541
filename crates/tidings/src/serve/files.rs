//! The limit on open files. Every connection is one, and what shells give (1,024 is usual) is less
//! than the streams that a server keeps open.

/// Raises the limit to what the system allows, and says what it is where there is one. A server with fewer
/// connections is still a server, so a refusal is only logged.
pub(super) fn raise_limit() -> Option<usize> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let most = Rlimit {
            current: maximum,
            maximum,
        };
        let limit = match setrlimit(Resource::Nofile, most) {
            Ok(()) => maximum,
            Err(error) => {
                tracing::warn!(%error, "the limit on open files stays");
                current
            }
        };
        limit.and_then(|limit| usize::try_from(limit).ok())
    }
    #[cfg(not(unix))]
    None
}
